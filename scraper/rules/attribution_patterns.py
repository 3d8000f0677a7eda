"""Regular expressions of the phrases in which republishers of State's texts name the origin of a text.

Every repetition is bounded, so that no text takes more than linear time.
"""

from __future__ import annotations

import re

_COUNTRY = r"(?:U\.?[ ]?S\.?|United States)"
_NAMED = rf"{_COUNTRY} (?:Department of State|State Department|Dept\. of State)\b"
# Without the country, one word more makes it another office: "Department of State Hospitals".
_DEPARTMENT = rf"(?:the )?(?:{_NAMED}|(?:Department of State|State Department)\b(?! (?:of\b|(?-i:[A-Z]))))"

# `www.` within another URL, as in `ftp://www.state.gov/` or `https://www.state.gov@other.example/`, begins none.
_WWW = r"(?<![\w/@.-])www\."
URL = re.compile(rf"(?:https?://|{_WWW})[^\s<>\"“”]{{1,1000}}", re.IGNORECASE)
STATE_URL = re.compile(rf"(?:https?://(?:[a-z0-9-]{{1,30}}\.)?|{_WWW})state\.gov/[^\s<>\"“”]{{1,1000}}", re.IGNORECASE)
AUTHOR = re.compile(_DEPARTMENT, re.IGNORECASE)
AUTHOR_ALONE = re.compile(rf"(?:by |from )?{_DEPARTMENT}\.?", re.IGNORECASE)
MENTION = re.compile(_NAMED, re.IGNORECASE)
TITLE_SUFFIX = re.compile(rf" [-–—|] {_NAMED}\Z", re.IGNORECASE)

PUBLISHED_AT = re.compile(r"\bofficial news published (?:at|by|on)\b:?", re.IGNORECASE)
ORIGINALLY = re.compile(r"\boriginally (?:published|posted|released|appeared) (?:at|by|on)\b:?", re.IGNORECASE)
SOURCE = re.compile(r"^(?:original |\w{2,12} ?/ ?)?source ?[:–—-]", re.IGNORECASE | re.MULTILINE)
FULL_VIEW = re.compile(r"\b(?:view|read) (?:it |this |the (?:release|statement) )?in full (?:here|at)\b", re.IGNORECASE)
PUBLISHED_BY = re.compile(
    r"\bthe following (?:press release|press statement|news release|media note|statement|readout|release) "
    r"(?:was|has been|is) (?:published|released|issued|provided) by ",
    re.IGNORECASE,
)
AND = re.compile(r",? and\b|, the\b", re.IGNORECASE)
REPRODUCED = re.compile(
    r"(?: on [a-z]{3,9}\.? \d{1,2}(?:, \d{4})?)?\.?(?: It is reproduced in full below\.)?", re.IGNORECASE
)
RELEASED = re.compile(
    rf"(?:the )?{_NAMED},? (?:today |has ){{0,2}}(?:released|issued|published) (?:the following|this)\b"
    r"(?:[^\n.:]{0,60}:)?",
    re.IGNORECASE,
)
DATELINE = re.compile(r"\s{0,8}\(?Washington,? D\.?C\.?\)?(?: \(([^()\n]{2,60})\))?[ :–—-]{0,4}", re.IGNORECASE)
# "Washington, DC - Secretary of State Ann Roe:". Below it bylines without the country: the Holy See has one too.
SPEAKER_AT = re.compile(
    r"^\(?Washington,? D\.?C\.?\)? ?[–—-] ?(?:U\.?S\.? )?"
    r"(?:Secretary of State|(?:State )?Department (?:of State )?Spokes(?:person|man|woman)) [^\n:]{2,60}:$",
    re.IGNORECASE | re.MULTILINE,
)
OFFICE = re.compile(
    r"^(?P<name>Office of the Spokes(?:person|man)|[^\n,:;]{3,60}, Secretary of State)[ :.]{0,3}$",
    re.IGNORECASE | re.MULTILINE,
)
SPOKESPERSON = re.compile(
    r"\b(?:is|are) attributable to (?:the )?(?P<office>(?:U\.?S\.? |United States )?"
    r"(?:State Department|Department of State|Department) )?"
    r"(?:Principal |Deputy |Acting ){0,3}Spokes(?:person|man|woman)\b(?! (?:for|of)\b)",
    re.IGNORECASE,
)
MAILING = re.compile(rf"\byou are subscribed to [^\n]{{1,120}}? for {_NAMED}\.?", re.IGNORECASE)
MAILING_REST = re.compile(
    r"(?:\s{1,9}this information has recently been updated,? and is now available\.)?"
    r"(?:\s{1,9}\d\d/\d\d/\d{4} \d\d:\d\d [AP]M E[DS]T)?",
    re.IGNORECASE,
)
# The mailing's own time, on a line of its own if a page puts the title between the two.
MAIL_TIME = re.compile(r"^\d\d/\d\d/\d{4} \d\d:\d\d [AP]M E[DS]T$", re.MULTILINE)
DISTRIBUTED = re.compile(
    r"\bdistributed by (?P<by>APO Group|African Press Organization|APO)(?: \(APO\))? on behalf of ", re.IGNORECASE
)
APO_DISCLAIMER = re.compile(r"\bthis press release has been issued by APO\b", re.IGNORECASE)
PUBLIC_RELEASE = "/Public Release"
LINE_OF_ITS_OWN = re.compile(
    rf"^(?:by )?{_DEPARTMENT}(?:(?P<place> \(Washington,? D\.?C\.?\))|(?P<letterhead> ?\n\s{{0,8}}"
    r"(?:office of the spokes(?:person|man)|for immediate release)))?$",
    re.IGNORECASE | re.MULTILINE,
)
CALLED_SOURCE = re.compile(
    r"(?:original )?source|original (?:article|post|statement)|(?:view|read) (?:the )?original(?: \w{1,12})?"
    r"|(?:view|read)(?: it| this)? in full(?: here)?",
    re.IGNORECASE,
)
HERE = re.compile(r"here|in full|(?:view|read) .{0,20}in full(?: here)?", re.IGNORECASE)
# Government bodies publish their own texts; they do not redistribute.
GOVERNMENT = re.compile(
    r"\b(?:department|ministry|minister|government|affairs|embassy|white house|united nations|usaid|nato)\b",
    re.IGNORECASE,
)
NAME_END = re.compile(r"[.!?;:,](?:\s|\Z)|[\n“”\"]")
NO_NAME = re.compile(r"\A[^A-Z]|\d{4}")
SITE_PARTS = re.compile(r" [-–—|»] ")
# A text without one of these words cannot match the form; a search for the words is much cheaper.
CUES = {
    PUBLISHED_AT: ("official news ",),
    ORIGINALLY: ("originally ",),
    SOURCE: ("source",),
    FULL_VIEW: ("in full ",),
    PUBLISHED_BY: ("the following ",),
    RELEASED: ("ed the following", "ed this"),
    SPOKESPERSON: ("attributable to ",),
    SPEAKER_AT: ("washington",),
    OFFICE: ("office of the spokes", ", secretary of state"),
    MAILING: ("you are subscribed to ",),
    DISTRIBUTED: ("distributed by ",),
    APO_DISCLAIMER: ("issued by apo",),
    LINE_OF_ITS_OWN: ("department of state", "state department", "dept. of state"),
    STATE_URL: ("state.gov/",),
}
