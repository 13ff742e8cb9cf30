"""The tap: its settings, its streams, and how it stops."""

from __future__ import annotations

import contextlib
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError, SingerSDKError
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import RecordMessage
from typing_extensions import override

from tap_autotask import discovery
from tap_autotask.auth import Credentials
from tap_autotask.client import AutotaskClient, Options
from tap_autotask.exceptions import PassingFault, Refused, SignInRefused, StopRun
from tap_autotask.limits import Limits
from tap_autotask.remembered import Remembered
from tap_autotask.settings import SDK_SETTINGS, SETTINGS, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    import click
    from singer_sdk import Stream
    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.singerlib import Catalog
    from singer_sdk.singerlib.encoding.simple import Message


class WholeMessageWriter(MsgSpecWriter):
    """Writes messages whole, and tells while it writes.

    A signal that came in the middle of a line, where a tap spends its time when the target is slow, would otherwise
    leave half a line in the pipe.
    """

    writing = False

    @override
    def write_message(self, message: Message) -> None:
        self.writing = True
        out, rest = sys.stdout.buffer, self.format_message(message)
        while rest:  # unbuffered (PYTHONUNBUFFERED), a write that a signal interrupts is cut short
            rest = rest[out.write(rest) :]
        if not isinstance(message, RecordMessage):
            out.flush()
        self.writing = False


def _chosen(catalog: Catalog | None, stream: str) -> bool:
    """Whether a catalog selects a stream; without a catalog all are there."""
    if catalog is None:
        return True
    entry = catalog.get_stream(stream)
    return entry is not None and entry.metadata.resolve_selection().get((), True)


class TapAutotask(Tap):
    """Singer tap for Autotask PSA: entities as they are, and invoices with all that belongs to them."""

    name = "tap-autotask"
    config_jsonschema: ClassVar[dict[str, Any]] = SETTINGS.to_dict()
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]
    message_writer_class = WholeMessageWriter
    _told_to_stop: int | None = None

    def __init__(self, *, config: dict[str, Any] | None = None, **options: Any) -> None:
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
    def client(self) -> AutotaskClient:
        """The one client of all streams."""
        config = self.config
        credentials = Credentials(*(config.get(name, "") for name in discovery.SIGN_IN))
        limits = Limits(
            max_retries=config["max_retries"],
            max_wait_minutes=config["max_wait_minutes"],
            hourly_share=config["hourly_percent"] / 100,
            threshold_every=config["hourly_check_calls"],
        )
        options = Options(
            api_url=config["api_url"],
            zone_url=config.get("zone_url"),
            page_size=config["page_size"],
            user_agent=config["user_agent"],
            timeout_seconds=config["timeout_seconds"],
            limits=limits,
        )
        return AutotaskClient(credentials, options)

    @cached_property
    def remembered(self) -> Remembered:
        """What the streams of this run may know from earlier ones."""
        config = self.config
        return Remembered(self.client, config["username"], config.get("remember_file"), config["remember_minutes"])

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [stream for stream in discovery.streams(self) if _chosen(self.input_catalog, stream.name)]

    @classmethod
    @override
    def invoke(cls, **options: Any) -> None:
        try:
            super().invoke(**options)
        except (PassingFault, Refused, SignInRefused, StopRun) as error:
            cls.logger.error("%s", error)  # noqa: TRY400 - the message says it all
            raise SystemExit(1) from error

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        if getattr(self.message_writer, "writing", False):
            self._told_to_stop = signum
            return
        with contextlib.suppress(SystemExit):  # the SDK's 0 would make Meltano report success
            super()._handle_termination(signum, frame)
        raise SystemExit(128 + signum)

    def stop_if_told(self) -> None:
        """End the run where a signal came within a message; called where the state covers what was written."""
        if self._told_to_stop is not None:
            self._handle_termination(self._told_to_stop, None)

    @classmethod
    @override
    def cb_discover(cls, ctx: click.Context, param: click.Option, value: bool) -> None:
        try:
            super().cb_discover(ctx, param, value)
        except SingerSDKError as error:
            cls.logger.error("%s", error)  # noqa: TRY400 - the message says it all
            ctx.exit(1)
