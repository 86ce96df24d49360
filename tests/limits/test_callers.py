"""Which network a request comes from: never what the caller itself says, and never an error."""

import ipaddress

import pytest

from almanac.environment import BadSetting
from almanac.settings import Settings
from almanac.web.caller import UNKNOWN, Callers

PROXIES = Callers(Settings(trusted_proxies="10.0.0.0/8, 192.0.2.7, 2001:db8:ffff::/48").trusted_networks)
NOBODY = Callers(())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),  # a socket of both families says so
        ("fe80::1%eth0", "fe80::/64"),
        ("", UNKNOWN),
        ("unix:", UNKNOWN),
        ("203.0.113.256", UNKNOWN),
    ],
)
def test_neighbours_are_one_caller(address: str, network: str):
    assert NOBODY.network((address, "1234"), b"") == network


def test_a_connection_without_an_address_has_a_network_too():
    assert NOBODY.network(None, b"") == UNKNOWN
    assert PROXIES.network(None, b"203.0.113.9") == UNKNOWN


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("10.1.1.1", ["203.0.113.9"], "203.0.113.0/24"),
        ("10.1.1.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.0/24"),  # the caller invented the first
        ("10.1.1.1", ["198.51.100.1", "203.0.113.9, 10.2.2.2"], "203.0.113.0/24"),  # two lines, two proxies
        ("10.1.1.1", ["203.0.113.9:51000, 192.0.2.7"], "203.0.113.0/24"),
        ("10.1.1.1", ["[2001:db8:1:2::9]:51000"], "2001:db8:1:2::/64"),
        ("2001:db8:ffff::1", ["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        ("10.1.1.1", ["10.3.3.3, 10.2.2.2"], "10.3.3.0/24"),  # a caller inside
        ("10.1.1.1", [], "10.1.1.0/24"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.0/24"),  # who is no proxy is not believed
        ("10.1.1.1", ["198.51.100.1, nonsense"], "10.1.1.0/24"),
        ("10.1.1.1", ["198.51.100.1, unknown, 10.2.2.2"], "10.2.2.0/24"),
        ("10.1.1.1", ["", ",,,", "\xff\x00", "[::", "1.2.3.4:5:6", "[1.2.3.4"], "1.2.3.0/24"),
        ("10.1.1.1", ["\xff\x00"], "10.1.1.0/24"),
        ("10.1.1.1", ["9" * 30_000], "10.1.1.0/24"),
        ("10.1.1.1", [", ".join(["203.0.113.9", *["10.2.2.2"] * 3000])], "10.2.2.0/24"),  # more hops than there are
    ],
)
def test_proxies_are_believed_from_the_nearest_outwards(peer: str, forwarded: list[str], network: str):
    values = [value.encode("latin-1") for value in forwarded]
    assert PROXIES.network((peer, "1234"), b", ".join(values)) == network


def test_without_trusted_proxies_nobody_is_believed():
    assert NOBODY.network(("10.1.1.1", "1"), b"203.0.113.9") == "10.1.1.0/24"


def test_what_is_kept_of_addresses_is_bounded():
    for number in range(9_000):
        address = str(ipaddress.ip_address(0x0B000000 + number * 256))
        PROXIES.network((address, "1"), b"203.0.113.9")
    assert PROXIES.is_proxy.cache_info().currsize <= 8192


@pytest.mark.parametrize("text", ["10.0.0.1/8", "nonsense", "10.0.0.0/8;192.0.2.7", "300.0.0.0/8"])
def test_what_is_no_network_is_refused_by_name(text: str):
    with pytest.raises(BadSetting, match="ALMANAC_TRUSTED_PROXIES"):
        Settings.read({"ALMANAC_TRUSTED_PROXIES": text})
