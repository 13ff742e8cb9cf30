"""Internet domains of parties, from mail addresses and web sites, without those that everybody uses."""

from __future__ import annotations

import re

MAIL_NAME = r"(?<![^\s@;,<>:()])[^\s@;,<>:()]+@"
ADDRESS = re.compile(MAIL_NAME + r"(?:[\w-]+\.)+\w{2,}")
BEFORE_HOST = re.compile(MAIL_NAME + r"|\b[a-z]+://")
HOST = re.compile(r"(?<![\w./-])(?:[\w-]+\.)+[^\W\d_]{2,}(?!\w)")
"""A name with dots that is not the rest of a path."""

PUBLIC = frozenset(
    {
        "gmail.com", "googlemail.com", "google.com", "outlook.com", "outlook.nl", "outlook.be", "hotmail.com",
        "hotmail.nl", "hotmail.be", "live.com", "live.nl", "live.be", "msn.com", "yahoo.com", "yahoo.nl", "ymail.com",
        "icloud.com", "me.com", "mac.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "gmx.nl", "web.de",
        "t-online.de", "freenet.de", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "zoho.com",
        "fastmail.com", "mail.com", "kpnmail.nl", "kpnplanet.nl", "kpn.nl", "planet.nl", "hetnet.nl", "wxs.nl",
        "xs4all.nl", "telfort.nl", "ziggo.nl", "ziggomail.com", "home.nl", "upcmail.nl", "chello.nl", "casema.nl",
        "quicknet.nl", "multiweb.nl", "tele2.nl", "zonnet.nl", "versatel.nl", "solcon.nl", "online.nl", "tiscali.nl",
        "freeler.nl", "caiway.nl", "caiway.net", "freedom.nl", "concepts.nl", "onsbrabantnet.nl", "zeelandnet.nl",
        "kabelfoon.nl", "delta.nl", "deltamail.nl", "filternet.nl", "kabelnoord.nl", "introweb.nl", "hccnet.nl",
        "hotmail.de", "hotmail.fr", "hotmail.co.uk", "telenet.be", "skynet.be", "proximus.be", "scarlet.be",
        "pandora.be", "voo.be", "belgacom.net", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net",
        "btinternet.com", "yahoo.co.uk", "virginmedia.com", "sky.com", "comcast.net", "verizon.net", "att.net",
        "facebook.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "youtube.com", "wixsite.com",
        "wordpress.com", "blogspot.com", "jimdo.com", "weebly.com", "webnode.nl", "business.site", "sharepoint.com",
        "onmicrosoft.com",
    }
)  # fmt: skip
"""Providers of mail boxes and of pages for everybody; a domain here says nothing about whose it is."""

SECOND_LEVEL = frozenset({"co", "com", "org", "net", "ac", "gov", "ltd", "plc"})
"""What stands before a country's own ending where names are given out one level lower, as in co.uk."""
COUNTRY_ENDING = 2
"""Endings of so many letters belong to countries."""


def mail_addresses(text: str) -> frozenset[str]:
    """Return the mail addresses in a text, in small letters."""
    return frozenset(ADDRESS.findall(text.casefold()))


def own_domains(text: str) -> frozenset[str]:
    """Return the registered domains in mail addresses and web sites, public providers left out."""
    hosts = HOST.findall(BEFORE_HOST.sub(" ", text.casefold()))
    return frozenset(map(registered, hosts)) - PUBLIC


def registered(host: str) -> str:
    """Return the part of a host name that somebody registered: mail.bakker.nl is bakker.nl."""
    labels = host.split(".")
    deep = len(labels) > COUNTRY_ENDING and len(labels[-1]) == COUNTRY_ENDING and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3 if deep else -2 :])
