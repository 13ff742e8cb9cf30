"""``python -m sandbox.exact_globe.asimport -rSERVER -D100 -u -~ I -URLFILE -TOrders -Oauto``.

Stands for Globe's importer, which is a program of its own: reads an eExact file and brings its records one by one to
the company in the sandbox. Its switches are those that wrappers of AsImport.exe use, values glued on. Like that program
it tells nothing by its exit code (an option of the sandbox changes that), prints nothing, and leaves a file behind only
when something was refused.

``GLOBE_SANDBOX_URL`` says where the sandbox is, http://127.0.0.1:8765 unless set. That, and the message when it is not
there, are ours.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from lxml import etree

from sandbox.exact_globe.importing import FATAL, INFORMATION, TOPICS, read

if TYPE_CHECKING:
    from collections.abc import Iterator

SANDBOX = "http://127.0.0.1:8765"
SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NO_SANDBOX = 3
"""Our own exit code: the sandbox did not answer."""
Message = dict[str, Any]


class ImportFailed(Exception):  # noqa: N818 - the file is refused as a whole
    """The file cannot be imported at all."""


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the switches; capitals of values do not matter where Globe does not mind them."""
    parser = argparse.ArgumentParser(prog="AsImport", add_help=False, allow_abbrev=False)
    parser.add_argument("-r", dest="server", required=True)
    parser.add_argument("-D", dest="database", required=True)
    parser.add_argument("-u", dest="user", nargs="?", const="", default=None)
    parser.add_argument("-~", dest="direction", type=str.upper, choices=["I"], required=True)
    parser.add_argument("-URL", dest="file", required=True)
    parser.add_argument("-T", dest="topic", required=True)
    parser.add_argument("-O", dest="mode", type=str.lower, choices=["auto"], required=True)
    return parser.parse_args(list(_unglued(arguments)))


SWITCHES = ("-URL", "-r", "-D", "-u", "-~", "-T", "-O")


def _unglued(arguments: list[str]) -> Iterator[str]:
    """Part each switch from the value that is glued to it."""
    for argument in arguments:
        switch = next((known for known in SWITCHES if argument.startswith(known)), None)
        if switch is None or argument == switch:
            yield argument
        else:
            yield f"{switch}={argument.removeprefix(switch)}" if len(switch) > 2 else argument


def content(place: str) -> bytes:
    """Return what stands in a file, or at an http address: wrappers give both to ``-URL``.

    Raises:
        ImportFailed: It cannot be read.
    """
    try:
        if place.startswith(("http://", "https://")):
            answer = requests.get(place, timeout=60)
            answer.raise_for_status()
            return answer.content
        return Path(place).read_bytes()
    except OSError as error:
        raise ImportFailed(f"Invalid file: {error}") from error


def records(data: bytes, topic: str) -> list[etree._Element]:
    """Return the records of a file.

    Raises:
        ImportFailed: It is no eExact file, holds a document type, or has nothing of the topic.
    """
    try:
        root = read(data)
    except ValueError as error:
        raise ImportFailed(f"Invalid file: {error}") from error
    if root.tag != "eExact":
        raise ImportFailed(f"Invalid file: root element {root.tag}")
    found = root.find(topic)
    if found is None:
        raise ImportFailed(f"Invalid file: no {topic}")
    return list(found.iterfind(TOPICS[topic]))


def topic_of(name: str) -> str:
    """Return a topic as the schema writes it.

    Raises:
        ImportFailed: It is not simulated.
    """
    for topic in TOPICS:
        if topic.lower() == name.lower():
            return topic
    raise ImportFailed(f"Unknown topic: {name}")


def bring(options: argparse.Namespace, session: requests.Session, origin: str) -> tuple[list[Message], Message]:
    """Bring all records to the sandbox; return what became of them, and the settings of the company."""
    settings: Message = _control(session, origin, "GET", None)
    try:
        topic = topic_of(options.topic)
        waiting = records(content(options.file), topic)
    except ImportFailed as failed:
        return [{"type": FATAL, "key": "", "reference": "", "description": str(failed)}], settings
    outcomes = []
    for record in waiting:
        time.sleep(settings["import_seconds"])
        order = {"server": options.server, "database": options.database, "topic": topic, "file": options.file}
        text = etree.tostring(record, encoding="unicode", with_tail=False)
        outcomes.append(_control(session, origin, "POST", order | {"record": text}))
        if outcomes[-1]["type"] == FATAL:
            break
    return outcomes, settings


def _control(session: requests.Session, origin: str, method: str, order: Message | None) -> Message:
    answer = session.request(method, f"{origin}/_sandbox/globe-import", json=order, timeout=60)
    answer.raise_for_status()
    found: Message = answer.json()
    return found


def log(topic: str, outcomes: list[Message], settings: Message) -> etree._Element:
    """Return the log as the schema shapes it: Topics with the number of records, Messages with one for each."""
    root = etree.Element("eExact", nsmap={"xsi": SCHEMA_INSTANCE})
    root.set(f"{{{SCHEMA_INSTANCE}}}noNamespaceSchemaLocation", "eExact-Schema.xsd")
    node = TOPICS.get(topic, "")
    etree.SubElement(
        etree.SubElement(root, "Topics"), "Topic", {"code": topic, "node": node, "count": str(len(outcomes))}
    )
    messages = etree.SubElement(root, "Messages", {"batch": "1"})
    for outcome in outcomes:
        if settings["error_file_lists"] == "rejected" and outcome["type"] == INFORMATION:
            continue
        message = etree.SubElement(messages, "Message", {"type": str(outcome["type"])})
        about = etree.SubElement(message, "Topic", {"code": topic, "node": node})
        etree.SubElement(about, "DataKey", {"code": outcome["key"]}).text = outcome["reference"]
        etree.SubElement(message, "Date").text = settings["today"]
        etree.SubElement(message, "Description").text = outcome["description"]
    return root


def error_folder(settings: Message) -> Path:
    """Return where the log goes: the folder of the settings, else that of the user (XML Server settings)."""
    if settings["error_files_directory"]:
        return Path(settings["error_files_directory"])
    local = os.environ.get("LOCALAPPDATA")
    return (Path(local) if local else Path.home() / "AppData" / "Local") / "Exact Software"


def main(arguments: list[str]) -> int:
    """Import a file; return the exit code."""
    options = parse(arguments)
    origin = os.environ.get("GLOBE_SANDBOX_URL", SANDBOX)
    try:
        with requests.Session() as session:
            outcomes, settings = bring(options, session, origin)
    except requests.RequestException as error:
        sys.stderr.write(f"The sandbox at {origin} cannot be used: {error}. Set GLOBE_SANDBOX_URL.\n")
        return NO_SANDBOX
    if all(outcome["type"] == INFORMATION for outcome in outcomes):
        return 0
    folder = error_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"stem": Path(options.file).stem, "time": settings["time"], "topic": options.topic}
    name = Path(settings["error_file_name"].format(**parts)).name
    document = etree.ElementTree(log(options.topic, outcomes, settings))
    document.write(folder / name, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return int(settings["import_exit_code"])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
