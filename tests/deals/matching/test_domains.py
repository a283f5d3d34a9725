"""Which site a website or e-mail address belongs to."""

import pytest

from deals.matching.domains import is_free_mail, is_shared_host, registrable_domain, site_of


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.com", "acme.com"),
        ("https://www.Acme.com/contact?x=1#top", "acme.com"),
        ("HTTP://ACME.CO.UK", "acme.co.uk"),
        ("shop.acme.co.uk:8080/a?b@c.d", "acme.co.uk"),
        ("//acme.com", "acme.com"),
        ("acme.com.", "acme.com"),
        ("anna@acme.com", "acme.com"),
        ("Anna Berg <anna@mail.acme.com>", "acme.com"),
        ("mailto:anna@acme.com", "acme.com"),
        ("http://user:secret@acme.com/", "acme.com"),
        ("acme.com/path@other.org", "acme.com"),
        ("www.acme.com and also other.com", "acme.com"),
        ("acme。com", "acme.com"),
    ],
)
def test_finds_the_registered_domain(text: str, domain: str) -> None:
    assert registrable_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "acme",
        "localhost",
        "http://192.168.1.1/",
        "[::1]",
        "co.uk",
        "com",
        "acme.notanending",
        "\x00",
        "@",
        ".",
        "javascript:alert(1)",
        "not a site.com",
        "a" * 10_000,
        "a." * 10_000,
        "\ud800.com",
        "http://",
        "..",
        "x@y",
    ],
)
def test_answers_none_where_there_is_no_public_host(text: str) -> None:
    assert site_of(text) is None
    assert registrable_domain(text) is None


@pytest.mark.parametrize(
    "text", ["münchen.de", "MÜNCHEN.DE", "xn--mnchen-3ya.de", "https://www.xn--mnchen-3ya.de/"]
)
def test_one_domain_in_both_its_spellings(text: str) -> None:
    site = site_of(text)
    assert site is not None
    assert site.domain == "xn--mnchen-3ya.de"
    assert site.label == "münchen"


def test_two_customers_of_one_shared_host_have_two_domains() -> None:
    assert registrable_domain("https://anna.github.io/x") == "anna.github.io"
    assert registrable_domain("https://bert.github.io/x") == "bert.github.io"


@pytest.mark.parametrize(
    "text",
    [
        "github.io",
        "www.facebook.com/acme",
        "sites.google.com/view/acme",
        "acme.blogspot.co.uk",
        "acme.wix.com",
    ],
)
def test_a_shared_host_is_nobodys_own(text: str) -> None:
    site = site_of(text)
    assert site is not None
    assert site.own is False
    assert is_shared_host(site.domain)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "yahoo.co.uk", "yahoo.fr", "web.de", "qq.com", "mail.ru", "orange.fr"]
)
def test_free_mail_is_nobodys_own(domain: str) -> None:
    assert is_free_mail(domain)
    site = site_of(f"anna@{domain}")
    assert site is not None
    assert site.own is False


@pytest.mark.parametrize("domain", ["acme.com", "gmailing.com", "webde.de", "yahoos.com"])
def test_a_company_domain_is_not_free_mail(domain: str) -> None:
    assert not is_free_mail(domain)
    assert not is_shared_host(domain)


@pytest.mark.parametrize(
    ("text", "host", "root"),
    [
        ("www.acme.com", "acme.com", True),
        ("en.shop.acme.com", "acme.com", True),
        ("physics.acme.ac.uk", "physics.acme.ac.uk", False),
        ("www.physics.acme.ac.uk", "physics.acme.ac.uk", False),
    ],
)
def test_doors_of_a_house_are_not_departments(text: str, host: str, root: bool) -> None:
    site = site_of(text)
    assert site is not None
    assert (site.host, site.is_root) == (host, root)
