"""Vocabulary with which State labels its documents: types, countries, offices, bylines (pure)."""

from __future__ import annotations

import re

from scraper.text import normalize

# The types of document that State shows above a headline or in a listing, as State spells them.
_TYPES = """
    Announcement; Background Briefing; Biography; Blog; Communiqué; Congressional Testimony; Daily Press
    Briefing; Department Press Briefing; Diplomatic Note; Fact Sheet; Foreign Press Center Briefing; Interview;
    Joint Communiqué; Joint Press Statement; Joint Statement; Media Advisory; Media Note; Notice to the Press;
    On-the-Record Briefing; Op-Ed; Other Release; Press Availability; Press Briefing; Press Conference; Press
    Release; Press Statement; Public Notice; Public Schedule; Readout; Remarks; Remarks to the Press; Report;
    Special Briefing; Speech; Statement; Taken Question; Testimony; Transcript; Travel; Video Remarks
"""
# The names in the site's own country menu, 2025.
_COUNTRIES = """
    Afghanistan; Albania; Algeria; Andorra; Angola; Antigua and Barbuda; Argentina; Armenia; Australia; Austria;
    Azerbaijan; Bahamas, The; Bahrain; Bangladesh; Barbados; Belarus; Belgium; Belize; Benin; Bhutan; Bolivia;
    Bosnia and Herzegovina; Botswana; Brazil; Brunei; Bulgaria; Burkina Faso; Burma; Burundi; Cabo Verde;
    Cambodia; Cameroon; Canada; Central African Republic; Chad; Chile; China; Colombia; Comoros; Cook Islands;
    Costa Rica; Croatia; Cuba; Cyprus; Czechia; Côte d’Ivoire; Democratic Republic of the Congo; Denmark;
    Djibouti; Dominica; Dominican Republic; Ecuador; Egypt; El Salvador; Equatorial Guinea; Eritrea; Estonia;
    Eswatini; Ethiopia; Fiji; Finland; France; Gabon; Gambia, The; Georgia; Germany; Ghana; Greece; Grenada;
    Guatemala; Guinea; Guinea-Bissau; Guyana; Haiti; Holy See; Honduras; Hungary; Iceland; India; Indonesia;
    Iran; Iraq; Ireland; Israel; Italy; Jamaica; Japan; Jordan; Kazakhstan; Kenya; Kiribati; Kosovo; Kuwait;
    Kyrgyzstan; Laos; Latvia; Lebanon; Lesotho; Liberia; Libya; Liechtenstein; Lithuania; Luxembourg;
    Madagascar; Malawi; Malaysia; Maldives; Mali; Malta; Marshall Islands; Mauritania; Mauritius; Mexico;
    Micronesia; Moldova; Monaco; Mongolia; Montenegro; Morocco; Mozambique; Namibia; Nauru; Nepal; Netherlands;
    New Zealand; Nicaragua; Niger; Nigeria; Niue; North Korea; North Macedonia; Norway; Oman; Pakistan; Palau;
    Palestinian Territories; Panama; Papua New Guinea; Paraguay; Peru; Philippines; Poland; Portugal; Qatar;
    Republic of the Congo; Romania; Russia; Rwanda; Saint Kitts and Nevis; Saint Lucia; Saint Vincent and the
    Grenadines; Samoa; San Marino; Sao Tome and Principe; Saudi Arabia; Senegal; Serbia; Seychelles; Sierra
    Leone; Singapore; Slovakia; Slovenia; Solomon Islands; Somalia; South Africa; South Korea; South Sudan;
    Spain; Sri Lanka; Sudan; Suriname; Sweden; Switzerland; Syria; Taiwan; Tajikistan; Tanzania; Thailand;
    Timor-Leste; Togo; Tonga; Trinidad and Tobago; Tunisia; Turkey (Türkiye); Turkmenistan; Tuvalu; Uganda;
    Ukraine; United Arab Emirates; United Kingdom; Uruguay; Uzbekistan; Vanuatu; Venezuela; Vietnam; Yemen;
    Zambia; Zimbabwe
"""
_OFFICE = re.compile(
    r"(?:the )?(?:u\.?s\.? |united states )?"
    r"(?:office|bureau|department|mission|embassy|under secretary) (?:of|for|to)\b"
    r"|global engagement center\b",
    re.IGNORECASE,
)
_POST = re.compile(
    r"\b(?:secretary|director|minister|envoy|coordinator|ambassador|spokes(?:person|man|woman)|counselor)\b",
    re.IGNORECASE,
)
# Forms in which a first line is a byline if no field names one. Nine in ten bylines have them.
_PLAIN_BYLINE = re.compile(
    r"Office of the (?:Spokesperson|Spokesman)"
    r"|[^,:;!?\n]{3,60}, (?:Deputy |Acting )?Secretary of State"
    r"|[^,:;!?\n]{3,60}, (?:Principal )?(?:Deputy )?(?:Department )?Spokesperson"
)
_SMALL_WORDS = {"of", "the", "and", "for", "in", "on", "to", "at", "a"}
_MAX_LABEL_CHARS = 160


def _entries(listed: str) -> list[str]:
    return [normalize.clean(entry) for entry in listed.split(";")]


def slug(name: str) -> str:
    """Return a label as WordPress writes it in a URL or a class: lower case, words joined by hyphens."""
    return "-".join(normalize.words(name.replace("’", "").replace(".", "")))


_TYPE_BY_KEY = {normalize.word_key(name): name for name in _entries(_TYPES)}
TYPE_BY_SLUG = {slug(name): name for name in _entries(_TYPES)}
_COUNTRY_KEYS = frozenset(normalize.word_key(name) for name in _entries(_COUNTRIES))
COUNTRY_BY_SLUG = {slug(name): name for name in _entries(_COUNTRIES)}

# Longest first, so that "Press Statement" is found before "Statement".
TYPES = tuple(sorted(_TYPE_BY_KEY.values(), key=len, reverse=True))


def document_type(line: str | None) -> str | None:
    """Return the type of document that a line names, or None."""
    return _TYPE_BY_KEY.get(normalize.word_key(line)) if line and len(line) <= _MAX_LABEL_CHARS else None


def is_release(name: str | None) -> bool:
    """Return True if a type of document is that of a release, which State publishes once, on its date."""
    return document_type(name) not in {None, "Biography"}


def is_country(name: str) -> bool:
    """Return True if a label is a country as State names it."""
    return normalize.word_key(name) in _COUNTRY_KEYS


def is_office(line: str) -> bool:
    """Return True if a line is the name of an office rather than of a person."""
    return len(line) <= _MAX_LABEL_CHARS and _OFFICE.match(line) is not None


def names_post(line: str) -> bool:
    """Return True if a line names a post, such as "Jane Roe, Deputy Spokesman"."""
    return len(line) <= _MAX_LABEL_CHARS and _POST.search(line) is not None


def is_plain_byline(line: str) -> bool:
    """Return True if a line can only be a byline: the Spokesperson's office, or a name with one of the usual posts."""
    return len(line) <= _MAX_LABEL_CHARS and _PLAIN_BYLINE.fullmatch(line) is not None


def attribution(byline: str | None) -> tuple[str | None, str | None]:
    """Return speaker and bureau of a byline: ("Jane Roe", None) or (None, "Office of the Spokesperson")."""
    if not byline:
        return None, None
    if is_office(byline):
        return None, byline
    name, comma, _ = byline.partition(",")
    return (None, None) if not comma or _POST.search(name) else (name.strip() or None, None)


def title_of_slug(label: str) -> str:
    """Return a slug as a name: "Office of the Spokesperson" for `office-of-the-spokesperson`."""
    words = label.split("-")
    return " ".join(w if n and w in _SMALL_WORDS else w[:1].upper() + w[1:] for n, w in enumerate(words))
