"""The tap: its settings, its streams, and how it stops."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError, SingerSDKError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_exact_online import discovery
from tap_exact_online.client import connect
from tap_exact_online.divisions import Divisions
from tap_exact_online.exceptions import ExactOnlineError
from tap_exact_online.settings import SDK_SETTINGS, TAP_SETTINGS, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    import click
    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.singerlib import Catalog

    from tap_exact_online.client import Client

NAP = 0.2
"""Seconds of a wait between two looks at whether the run is to end."""


def _chosen(catalog: Catalog | None, stream: str) -> bool:
    """Whether a catalog selects a stream; without a catalog all are there."""
    if catalog is None:
        return True
    entry = catalog.get_stream(stream)
    return entry is not None and entry.metadata.resolve_selection().get((), True)


class TapExactOnline(Tap):
    """Singer tap for Exact Online: endpoints as they are, and accounts with all that belongs to them."""

    name = "tap-exact-online"
    config_jsonschema: ClassVar[dict[str, Any]] = TAP_SETTINGS.to_dict()
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    message_writer_class = MsgSpecWriter

    def __init__(
        self,
        *,
        config: dict[str, Any] | None = None,
        connecting: Callable[[Mapping[str, Any]], Client] | None = None,
        **options: Any,
    ) -> None:
        """Make the tap.

        Args:
            config: The settings.
            connecting: Makes the client of an administration from settings.
            options: What the SDK passes on.
        """
        self._signal: int | None = None
        self._connecting = connecting or (lambda settings: connect(settings, sleep=self.pause))
        given = {name: value for name, value in (config or {}).items() if value is not None}
        super().__init__(config=given, **options)

    @override
    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        errors = super()._validate_config(raise_errors=False)
        errors += unknown(self._config, {*self.config_jsonschema["properties"], *SDK_SETTINGS})
        if errors and raise_errors:
            raise ConfigValidationError("Config validation failed", errors=errors)
        return errors

    @cached_property
    def divisions(self) -> Divisions:
        """The administrations that are read."""
        return Divisions(self.config, self._connecting)

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [stream for stream in discovery.streams(self) if _chosen(self.input_catalog, stream.name)]

    @classmethod
    @override
    def invoke(cls, **options: Any) -> None:
        try:
            super().invoke(**options)
        except ExactOnlineError as error:
            cls.logger.error("%s", error)  # noqa: TRY400 - the message says it all
            raise SystemExit(1) from error

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # Nothing is broken off: not a line in the pipe, and not a renewal of the token, whose loss would cost a new
        # consent. A second signal does not wait for that.
        if self._signal is not None:
            raise SystemExit(128 + signum)
        self._signal = signum

    def leave_if_asked(self) -> None:
        """End the run in good order after a signal: state out, exit code 128 and its number."""
        if self._signal is not None:
            self.state_writer.write_state(self.state)
            raise SystemExit(128 + self._signal)

    def pause(self, seconds: float) -> None:
        """Wait, unless the run is to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.leave_if_asked()
            time.sleep(min(left, NAP))

    @classmethod
    @override
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        try:
            super().cb_discover(ctx, param, value)
        except SingerSDKError as error:
            cls.logger.error("%s", error)  # noqa: TRY400 - the message says it all
            ctx.exit(1)
