"""Who a request comes from: the network of its address, told by proxies only if they are trusted."""

import functools
import ipaddress
from collections.abc import Sequence
from typing import Any

from almanac.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

UNKNOWN = "unknown"
"""The network of what has no address."""

_MOST_HOPS = 32
_MOST_KEPT = 8192
# Longer ones are somebody's invention, and are not kept.
_SHORT_BYTES = 200


class Callers:
    """The network that each address belongs to, and which addresses are proxies of this service's own."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = trusted
        # What a flood from many addresses costs is bounded.
        self.is_proxy = functools.lru_cache(_MOST_KEPT)(self._is_proxy)
        self._told_before = functools.lru_cache(_MOST_KEPT)(self._told)

    def network(self, peer: Any, forwarded: bytes) -> str:
        """The network of a caller, from the peer of the connection and `X-Forwarded-For`.

        The last address is what the nearest proxy saw. Addresses are believed from there to the left while they are
        those of trusted proxies, and the first that is none is the caller. What is no address ends the walk: it is the
        caller's own invention, or a proxy's word for not knowing. `Forwarded` (RFC 7239) is not looked at.
        """
        address: str = peer[0] if peer else ""
        if not forwarded or not self._trusted or not self.is_proxy(address):
            return network(address)
        # What a proxy says of each of its callers, it says again.
        return (self._told_before if len(forwarded) <= _SHORT_BYTES else self._told)(address, forwarded)

    def _told(self, address: str, forwarded: bytes) -> str:
        for hop in reversed(forwarded.rsplit(b",", _MOST_HOPS)[-_MOST_HOPS:]):
            text = _bare(hop)
            if parsed(text) is None:
                break
            address = text
            if not self.is_proxy(address):
                break
        return network(address)

    def _is_proxy(self, text: str) -> bool:
        address = parsed(text)
        return address is not None and any(address in one for one in self._trusted)


@functools.lru_cache(_MOST_KEPT)
def network(text: str) -> str:
    """The /24 of an IPv4 address or the /64 of an IPv6 address: about as far as one caller's own addresses reach."""
    address = parsed(text)
    if address is None:
        return UNKNOWN
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))


def parsed(text: str) -> Address | None:
    """An address; what IPv6 carries of IPv4 as IPv4; None for what is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _bare(hop: bytes) -> str:
    """An address as a proxy writes it, without port and brackets."""
    text = hop.decode("latin-1").strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
