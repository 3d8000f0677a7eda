"""Tests of attribution: every form that republishers use, and text that only resembles one."""

from __future__ import annotations

import pytest
from bounded import bounded
from hypothesis import given
from hypothesis import strategies as st
from samples import DATA

from scraper.rules.attribution import Attribution, EvidenceKind, PageLink, Strength, bare_title, find_attribution

URL = "https://www.state.gov/lamps-for-valdovia/"
NAMES = (
    "US Department of State",
    "U.S. Department of State",
    "United States Department of State",
    "US State Department",
)


def kinds(found: Attribution) -> list[tuple[EvidenceKind, Strength]]:
    return [(one.kind, one.strength) for one in found.evidence]


def cut(text: str, found: Attribution) -> list[str]:
    """Return the passages of the evidence, in order."""
    return [text[slice(*span)] for span in sorted(one.span for one in found.evidence if one.span)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f"Official news published at {URL}", EvidenceKind.PUBLISHED_AT),
        (f"Official News published at: {URL}", EvidenceKind.PUBLISHED_AT),
        (f"The text was originally published at {URL}", EvidenceKind.ORIGINALLY),
        (f"Originally published on June 4 at {URL}", EvidenceKind.ORIGINALLY),
        (f"Source: {URL}", EvidenceKind.SOURCE),
        ("Original source – www.state.gov/lamps-for-valdovia/", EvidenceKind.SOURCE),
        (f"Fonte/Source: {URL}", EvidenceKind.SOURCE),
        (f"View in full at {URL}", EvidenceKind.FULL_VIEW),
    ],
)
@pytest.mark.parametrize("end", ["", ".", "\nMore words."])
def test_a_named_address_is_claimed(line: str, kind: EvidenceKind, end: str) -> None:
    text = f"The lamps burn.\n{line}{end}"
    found = find_attribution(text)
    assert found.claims_department
    assert found.claimed_urls == (URL,)
    assert kinds(found) == [(kind, Strength.STRONG)]
    assert cut(text, found) == [line]
    assert found.via == ()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("form", "kind", "strength"),
    [
        ("Source: {}", EvidenceKind.SOURCE, Strength.STRONG),
        ("Originally published by the {}", EvidenceKind.ORIGINALLY, Strength.STRONG),
        ("The following press release was published by the {}.", EvidenceKind.PUBLISHED_BY, Strength.STRONG),
        (
            "The following press release was published by the {} on Mar. 8. It is reproduced in full below.",
            EvidenceKind.PUBLISHED_BY,
            Strength.STRONG,
        ),
        ("The following statement has been released by {}", EvidenceKind.PUBLISHED_BY, Strength.STRONG),
        ("(Washington, DC) The {} released the following statement:", EvidenceKind.RELEASED, Strength.STRONG),
        ("The {} today issued the following statement on lamps:", EvidenceKind.RELEASED, Strength.STRONG),
        ("You are subscribed to Collected Releases for {}.", EvidenceKind.MAILING, Strength.STRONG),
        ("Distributed by APO Group on behalf of {}", EvidenceKind.DISTRIBUTOR, Strength.STRONG),
        ("{} (Washington, DC)", EvidenceKind.BYLINE, Strength.FAIR),
        ("{}\nOffice of the Spokesperson", EvidenceKind.BYLINE, Strength.FAIR),
        ("{}\nFor Immediate Release", EvidenceKind.BYLINE, Strength.FAIR),
    ],
)
def test_the_department_named_as_author(name: str, form: str, kind: EvidenceKind, strength: Strength) -> None:
    line = form.format(name)
    text = f"Lamps\n{line}\nThe lamps burn."
    found = find_attribution(text)
    assert kinds(found) == [(kind, strength)]
    assert found.claims_department
    assert found.claimed_urls == ()
    assert cut(text, found) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "The Department of State welcomes the lamps, said the United States Department of State.",
        f"Keepers can read more at {URL}.",
        "The following statement was released by the Governments of Canada and Valdovia.",
        "The following statement was released by the U.S. Department of State and Global Affairs Canada.",
        "The following press release was published by the Department of State Hospitals.",
        "Source: Global Affairs Canada",
        "Source: Ministry of Foreign Affairs of Japan",
        "Originally published in Foreign Affairs. The book was originally published on June 4, 2020.",
        "The statement is attributable to the Spokesperson for the Secretary-General.",
        "The statement is attributable to Spokesperson Ann Roe.",
        "Distributed by APO Group on behalf of Ministry of Lamps.",
        "You are subscribed to Lamps for Department of Agriculture.",
        "Official news published at",
        "Source: https://valdovia.example/lamps",
        "U.S. Department of State",
        "Read the full text here. View in full here.",
        "Norland Independence Day – United States Department of State Previous post",
        "",
    ],
)
def test_a_mention_is_no_claim(text: str) -> None:
    found = find_attribution(text, title="Lamps for Valdovia - Canada.ca", byline="Global Affairs Canada")
    assert not found.claims_department
    assert found.claimed_urls == ()
    assert all(one.strength < Strength.FAIR for one in found.evidence)


def test_a_joint_statement_keeps_its_own_first_line() -> None:
    for line in (
        "The text of the following statement was released by the Governments of the United States and Norland.",
        "The following statement was released by the Department of State, the Ministry of Lamps and others.",
    ):
        assert find_attribution(line) == Attribution()


def test_a_spokesperson_is_wording_and_claims_where_the_department_is_meant() -> None:
    sure = "The below is attributable to Department Spokesperson Ann Roe:"
    found = find_attribution(sure)
    assert kinds(found) == [(EvidenceKind.SPOKESPERSON, Strength.FAIR)]
    bare = "The below is attributable to Principal Deputy Spokesperson Ann Roe:"
    assert not find_attribution(bare).claims_department
    assert find_attribution(f"{bare} The United States Department of State is glad.").claims_department


@pytest.mark.parametrize(
    "line",
    [
        "Washington, DC - Secretary of State Ann Roe:",
        "(Washington, D.C.) — U.S. Secretary of State Ann Roe:",
        "Washington DC - Department Spokesperson Ann Roe:",
    ],
)
def test_a_dateline_with_the_speaker(line: str) -> None:
    found = find_attribution(f"Lamps\n{line}\nThe lamps burn.")
    assert kinds(found) == [(EvidenceKind.BYLINE, Strength.FAIR)]
    assert cut(f"Lamps\n{line}\nThe lamps burn.", found) == [line]
    for other in (line.replace("ashington", "ellington"), f"{line} the lamps burn.", line.replace(" of State", "")):
        assert other == line or not find_attribution(other).claims_department


@pytest.mark.parametrize(
    "line", ["Office of the Spokesperson", "Ann Roe, Secretary of State", "Office of the Spokesman:."]
)
def test_a_byline_without_the_country_is_a_mention(line: str) -> None:
    found = find_attribution(f"Lamps\n{line}\nThe lamps burn.")
    assert kinds(found) == [(EvidenceKind.OFFICE, Strength.WEAK)]
    assert not found.claims_department
    for other in (
        "Ann Roe, Secretary of State for Lamps",
        "The Office of the Spokesperson is open",
        f"By {line}, today",
    ):
        assert find_attribution(other) == Attribution()


def test_a_real_page_of_a_copy_of_a_copy() -> None:
    page = DATA / "seed" / "jisip.txt"
    if not page.is_file():
        pytest.skip(f"{page.name}, the text of a real mirror page, is not on this machine")
    text = page.read_text("utf-8")
    found = find_attribution(text, host="breakingnewsinternational.com")
    slug = "joint-statement-on-the-sixth-meeting-of-the-trilateral-working-group-on-trafficking-in-persons"
    assert found.claims_department
    assert found.claimed_urls == (f"https://www.state.gov/{slug}/",)
    assert found.via == ("JISIP NEWS",)
    assert cut(text, found) == [
        f"Official news published at https://www.state.gov/{slug}/",
        "Politics - JISIP NEWS originally published at Politics - JISIP NEWS",
    ]


def test_a_mailing_is_cut_with_its_date() -> None:
    head = (
        "You are subscribed to Press Releases for U.S. Department of State. This information has recently been "
        "updated, and is now available.\n\n07/26/2021 07:47 AM EDT"
    )
    text = f"{head}\nThe lamps burn."
    assert cut(text, find_attribution(text)) == [head]
    first, last = head.split("\n\n")
    text = f"{first}\n\nLamps for Valdovia\n\n{last}\n\nThe lamps burn."
    assert cut(text, find_attribution(text)) == [first, last]
    assert find_attribution(f"Lamps\n{last}\nThe lamps burn.") == Attribution()


def test_the_chain_of_a_copy_of_a_copy() -> None:
    text = (
        f"The lamps burn.\n\nOfficial news published at {URL}\n\n"
        "Politics - JISIP NEWS originally published at Politics - JISIP NEWS\n\n"
        "Norland Independence Day – United States Department of State Previous post Norland"
    )
    found = find_attribution(text, host="breaking.example")
    assert found.claimed_urls == (URL,)
    assert found.via == ("JISIP NEWS",)
    assert cut(text, found) == [
        f"Official news published at {URL}",
        "Politics - JISIP NEWS originally published at Politics - JISIP NEWS",
    ]
    # The page of JISIP NEWS itself names no other publisher.
    assert find_attribution(text, host="www.jisipnews.com").via == ()


def test_glued_lines_cut_no_wording() -> None:
    text = "The lamps burn. Politics - JISIP NEWS originally published at Politics - JISIP NEWS Norland’s Day Next post"
    assert cut(text, find_attribution(text)) == [
        "originally published at Politics - JISIP NEWS Norland’s Day Next post"
    ]
    text = "Gazette originally published at Gazette Norland’s Independence Day is near. Next post"
    assert cut(text, find_attribution(text)) == ["Gazette originally published at Gazette"]


@pytest.mark.parametrize(
    ("text", "via"),
    [
        ("This article was originally published by Harbour Gazette. More", ("Harbour Gazette",)),
        ("Originally published at https://www.gazette.example/lamps.", ("gazette.example",)),
        ("Official news published at https://gazette.example/lamps", ("gazette.example",)),
        ("Source: Harbour Gazette\nSource: https://harbourgazette.example/a", ("Harbour Gazette",)),
        ("Washington, DC (STL.News) The US Department of State released the following statement:", ("STL.News",)),
        ("This Press Release has been issued by APO. Its content is not checked.", ("APO Group",)),
        ("Originally published by " + "Harbour " * 30, ()),
        ("Source: the harbour", ()),
        ("Source: …", ()),
        ("Source: https://", ()),
    ],
)
def test_other_publishers(text: str, via: tuple[str, ...]) -> None:
    assert find_attribution(text).via == via


def test_links() -> None:
    for called in ("Source", "original article", "View in full here"):
        found = find_attribution("The lamps burn.", [PageLink(URL, called)])
        assert found.claimed_urls == (URL,)
        assert kinds(found) == [(EvidenceKind.SOURCE, Strength.STRONG)]
    assert not find_attribution("", [PageLink("https://gazette.example/", "Source")]).evidence
    assert find_attribution("", [PageLink(URL, "U.S. Department of State")]).claimed_urls == (URL,)
    assert not find_attribution("", [PageLink("https://www.state.gov/", "U.S. Department of State")]).evidence
    weak = find_attribution("", [PageLink(URL, "lamps"), PageLink("https://www.state.gov/", "State")])
    assert kinds(weak) == [(EvidenceKind.LINK, Strength.WEAK)]
    assert not weak.claims_department
    named = find_attribution("Originally published at Lamps for Valdovia.", [PageLink(URL, "Lamps for Valdovia")])
    assert (named.claimed_urls, named.via) == ((URL,), ())


@pytest.mark.parametrize(
    ("links", "via"),
    [
        (["https://www.gazette.example/a"], "gazette.example"),
        (["https://www.reader.example/tag", "https://gazette.example/a"], "gazette.example"),
        (["https://reader.example/tag"], "Harbour Gazette"),
        (["https://embassy.state.gov/a"], "embassy.state.gov"),
        (["mailto:desk@gazette.example"], "Harbour Gazette"),
        ([], "Harbour Gazette"),
    ],
)
@pytest.mark.parametrize("form", ["Originally published at {}.", "Source: {}", "Official news published at {}"])
def test_a_name_that_is_a_link_is_the_site_of_the_link(form: str, links: list[str], via: str) -> None:
    named = [PageLink(url, "Harbour Gazette") for url in links]
    found = find_attribution(form.format("Harbour Gazette"), named, host="www.reader.example")
    assert found.via == (via,)
    assert not found.claims_department


def test_a_name_that_links_to_state_is_its_statement_on_its_own_pages_too() -> None:
    link = [PageLink(URL, "Lamps for Valdovia")]
    found = find_attribution("Originally published at Lamps for Valdovia.", link, host="www.state.gov")
    assert (found.claimed_urls, found.via) == ((URL,), ())


def test_view_in_full() -> None:
    text = "Department of State\nThe lamps burn.\n/Public Release. May be edited. View in full here."
    found = find_attribution(text, [PageLink("/menu", "here"), PageLink(URL, "here")])
    assert found.claimed_urls == (URL,)
    assert cut(text, found) == ["Department of State", "/Public Release. May be edited. View in full here."]
    # Without the link, the line of its own together with that release mark is what is left.
    assert kinds(find_attribution(text)) == [
        (EvidenceKind.BYLINE, Strength.FAIR),
        (EvidenceKind.FULL_VIEW, Strength.NEUTRAL),
    ]


def test_head_title_and_byline() -> None:
    other = "https://gazette.example/a"
    assert kinds(find_attribution("", canonical=URL, host="gazette.example")) == [
        (EvidenceKind.CANONICAL, Strength.STRONG)
    ]
    assert find_attribution("", canonical="https://www.jisipnews.example/a", host="gazette.example").via == (
        "jisipnews.example",
    )
    for canonical, host in ((other, "www.gazette.example"), (other, ""), ("/a", "gazette.example")):
        assert find_attribution("", canonical=canonical, host=host) == Attribution()
    for dash in "-–—|":
        title = f"Lamps {dash} United States Department of State"
        assert kinds(find_attribution("", title=title)) == [(EvidenceKind.TITLE, Strength.FAIR)]
        assert bare_title(title) == "Lamps"
    assert bare_title("Tattered States | U.S. Department of State") == "Tattered States"
    assert bare_title("The United States Department of State") == "The United States Department of State"
    assert find_attribution("", byline="By the U.S. Department of State").claims_department
    assert not find_attribution("", byline="Department of State Hospitals").evidence


def test_the_sure_addresses_come_first_and_mentions_only_without_them() -> None:
    second, third = URL.replace("lamps", "ropes"), URL.replace("lamps", "wicks")
    text = f"See {third}. Source: no\nOriginally published at {second}"
    assert find_attribution(text, canonical=URL).claimed_urls == (second, URL)
    assert find_attribution(f"See {third}.", title="Lamps | U.S. Department of State").claimed_urls == (third,)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.state.gov/",
        "https://state.gov",
        "https://www.state.gov/press-releases/",
        "https://www.state.gov/joint-statement-on-the…",
        "https://www.state.gov/joint-statement-on-the...",
    ],
)
def test_a_claim_whose_url_is_no_statement_names_none(url: str) -> None:
    found = find_attribution(f"Source: {url}")
    assert found.claims_department
    assert found.claimed_urls == ()


def test_an_address_by_number_is_one() -> None:
    assert find_attribution("Source: https://www.state.gov/?p=58").claimed_urls == ("https://www.state.gov/?p=58",)
    assert find_attribution("See https://www.state.gov/?p=58").evidence[0].url == "https://www.state.gov/?p=58"
    assert find_attribution("See https://www.state.gov/feed").evidence == ()


def test_an_address_is_never_cut() -> None:
    long = f"https://www.state.gov/{'lamps-' * 100}"
    assert find_attribution(f"Official news published at {long}x").claimed_urls == (f"{long}x",)


_PIECES = st.sampled_from(
    [
        *NAMES, "Official news published at ", "originally published at ", "Source: ", URL, "\n", " ", ".", "…",
        "View in full here", "The following press release was published by the ", " released the following statement:",
        "Washington, DC (", ") ", "You are subscribed to ", " for ", "Distributed by APO Group on behalf of ",
        "is attributable to Department Spokesperson ", "/Public Release", "Politics - JISIP NEWS", "www.", "https://",
        "Office of the Spokesperson", "Department of State", "\u200b", "İ", "JISIP",
    ]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=20), max_size=30).map("".join), st.text(max_size=60))
def test_properties_of_every_text(text: str, title: str) -> None:
    links = [PageLink(URL, "here"), PageLink("https://x.example/", title)]
    found = find_attribution(text, links, canonical=title, title=title, byline=title, host="x.example")
    assert found.claims_department == any(one.strength >= Strength.FAIR for one in found.evidence)
    assert found.claims_department or not found.claimed_urls
    assert all(url.startswith("https://") and "state.gov" in url for url in found.claimed_urls)
    assert list(found.evidence) == sorted(found.evidence, key=lambda one: -one.strength)
    for one in found.evidence:
        if one.span:
            assert 0 <= one.span[0] < one.span[1] <= len(text)
    assert bare_title(bare_title(title)) == bare_title(title) or "Department" in title


WORST = [
    "official news published at ", "originally published at ", "originally published by A ", "source:\n", "\nsource",
    "source: a ", "view in full ", "the following statement was released by ", "the following press release ",
    "the U.S. Department of State ", "U.S. Department of State released the following ", "Washington, DC (",
    "Washington DC (a) U.S. Department of State released the following", "is attributable to the ",
    "is attributable to Deputy Spokesperson ", "you are subscribed to ", "you are subscribed to a for ",
    "distributed by APO on behalf of ", "this press release has been issued by APO ", "/Public Release",
    "\n/Public Release", "U.S. Department of State\n", "Department of State    ", "\n        ", "https://", "www.",
    "Washington DC - Secretary of State a", "Washington, DC - Secretary of State A:\n", "Office of the Spokesperson\n",
    "a, Secretary of State\n", "a/source",
    "https://www.state.gov/", "https://www.state.gov/a ", "a.", "U.S. ", "\n", " ", "\xa0", "\t", "a", "…",
]  # fmt: skip


@pytest.mark.parametrize("piece", WORST)
def test_the_time_is_linear(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    with bounded():
        find_attribution(text, title=text[:1_000], host="gazette.example")


def test_many_links_are_borne() -> None:
    links = [PageLink(f"{URL}{number}", "Source") for number in range(20_000)]
    with bounded():
        assert len(find_attribution("x", links).claimed_urls) == 50


@pytest.mark.parametrize(
    ("named", "claimed"),
    [
        ("https://www.state.gov/lamps/", ["https://www.state.gov/lamps/"]),
        ("www.state.gov/lamps/", ["https://www.state.gov/lamps/"]),
        ("https://2017-2021.state.gov/lamps/", ["https://2017-2021.state.gov/lamps/"]),
        ("https://foo.state.gov/lamps/", []),
        ("foo.www.state.gov/lamps/", []),
        ("https://www.state.gov:8443/lamps/", []),
        ("https://www.state.gov@evil.example/lamps/", []),
        ("https://www.state.gov.evil.example/lamps/", []),
        ("https://www.\u0455tate.gov/lamps/", []),
        ("ftp://www.state.gov/lamps/", []),
        ("evil.example/www.state.gov/lamps/", []),
    ],
)
@pytest.mark.parametrize("form", ["Official news published at {}", "Source: {}", "Source:{}"])
def test_only_urls_of_states_named_hosts_are_claims(named: str, claimed: list[str], form: str) -> None:
    text = f"By the Department of State\n{form.format(named)}\nThe Department of State released the following:"
    found = find_attribution(
        f"{text}\nYou are subscribed to lamps for U.S. Department of State.", host="gazette.example"
    )
    assert found.claims_department
    assert list(found.claimed_urls) == claimed
