"""Which network addresses are public, and how a host and its port are written (pure)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# An IPv4 address inside an IPv6 one: judged by what is inside. NAT64 is how hosts without IPv4 reach
# the rest of the net (RFC 6052), so it cannot simply be refused.
_NAT64 = ip_network("64:ff9b::/96")
# Not public, though some Python version or other calls them global: 6to4 and its relays (RFC 3056,
# 7526), Teredo, local NAT64 (RFC 8215), site-local, documentation, segment routing, protocol
# assignments (RFC 6890), and the address at which Azure serves its machines their own metadata.
_REFUSED = tuple(
    ip_network(net)
    for net in (
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "2001::/32",
        "2002::/16",
        "64:ff9b:1::/48",
        "fec0::/10",
        "3fff::/20",
        "5f00::/16",
    )
)


def is_public(address: str) -> bool:
    """Whether an address, as text, is one that anybody may be sent to. What is no address is not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        ip = _inner(ip)
    return ip.is_global and not (
        ip.is_multicast
        or ip.is_reserved
        or ip.is_loopback
        or ip.is_link_local
        or ip.is_private
        or ip.is_unspecified
        or any(ip.version == net.version and ip in net for net in _REFUSED)
    )


def host_port(host: str, port: int) -> str:
    """`host:port`, with brackets where the host is an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _inner(ip: IPv6Address) -> IPv4Address | IPv6Address:
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(ip.packed[-4:])
    return ip
