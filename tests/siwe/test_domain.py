"""What may stand where a sign-in text names its domain: what a browser writes for the host of an origin."""

import pytest

from webapp.siwe.domain import Domain, DomainError


@pytest.mark.parametrize(
    ("text", "host", "origin"),
    [
        ("follow.example", "follow.example", "https://follow.example"),
        ("follow.example:8443", "follow.example", "https://follow.example:8443"),
        ("a", "a", "https://a"),
        ("a:1", "a", "https://a:1"),
        ("a:65535", "a", "https://a:65535"),
        ("1st.example", "1st.example", "https://1st.example"),
        ("a.b1", "a.b1", "https://a.b1"),
        ("0xy.example", "0xy.example", "https://0xy.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("x" * 63 + ".example", "x" * 63 + ".example", "https://" + "x" * 63 + ".example"),
        ("my_host.example:8080", "my_host.example", "https://my_host.example:8080"),
        ("_a.example", "_a.example", "https://_a.example"),
        ("a-.-b.example", "a-.-b.example", "https://a-.-b.example"),
        ("192.0.2.1:80", "192.0.2.1", "https://192.0.2.1:80"),
        ("[2001:db8::1]", "2001:db8::1", "https://[2001:db8::1]"),
        ("[2001:db8::1]:443", "2001:db8::1", "https://[2001:db8::1]:443"),
        ("localhost", "localhost", "http://localhost"),
        ("app.localhost:3000", "app.localhost", "http://app.localhost:3000"),
        ("127.0.0.1", "127.0.0.1", "http://127.0.0.1"),
        ("127.1.2.3:8000", "127.1.2.3", "http://127.1.2.3:8000"),
        ("[::1]:8000", "::1", "http://[::1]:8000"),
    ],
)
def test_a_domain_and_its_origin(text: str, host: str, origin: str) -> None:
    domain = Domain.parse(text)
    assert (domain.text, domain.host, domain.origin) == (text, host, origin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":80",
        ".",
        "a..b",
        ".a",
        "a.",
        "a.example.",
        "a!b.example",
        "a~b.example",
        "A.example",
        "é.example",
        "x" * 64 + ".example",
        ".".join(["x" * 50] * 6),
        "a:",
        "a:0",
        "a:080",
        "a:65536",
        "a:99999",
        "a:123456",
        "a:+1",
        "a:٣",
        "a:1:2",
        "a.1",
        "a.0x",
        "a.0xff",
        "1",
        "127.1",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.4.5",
        "::1",
        "[::1",
        "::1]",
        "[::1]x",
        "[]",
        "[127.0.0.1]",
        "[::0:1]",
        "[0:0:0:0:0:0:0:1]",
        "[2001:DB8::1]",
        "[fe80::1%eth0]",
        "[[::1]]",
        "me@a.example",
        "https://a.example",
        "a.example/",
        "a.example?",
        "a.example#",
        "a .example",
        "a.example\n",
        "%61.example",
        "\ud800",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(DomainError, match="port \\(1 to 65535\\)"):
        Domain.parse(text)
