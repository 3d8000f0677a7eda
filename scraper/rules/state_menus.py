"""Names in the menus of State's site: types of documents, countries, offices; and other names of countries (pure).

Written after the menus of www.state.gov (types and countries of press releases, "Bureaus and Offices") and the posts in
bylines of its press releases, 2017 to 2025; not compared with the live site. State adds names, so a name that is not
here may be right.
"""

from dataclasses import dataclass
from typing import Final

from scraper.text import normalize, scripts

_TYPES = """
    Announcement; Background Briefing; Biography; Blog; Communiqué; Congressional Testimony; Daily Press
    Briefing; Department Press Briefing; Diplomatic Note; Fact Sheet; Foreign Press Center Briefing; Interview;
    Joint Communiqué; Joint Press Statement; Joint Statement; Media Advisory; Media Note; Notice to the Press;
    On-the-Record Briefing; Op-Ed; Other Release; Press Availability; Press Briefing; Press Conference; Press
    Release; Press Statement; Public Notice; Public Schedule; Readout; Remarks; Remarks to the Press; Report;
    Special Briefing; Speech; Statement; Taken Question; Testimony; Transcript; Travel; Video Remarks
"""
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
_OFFICES = """
    Bureau of African Affairs; Bureau of Arms Control and Nonproliferation; Bureau of Arms Control, Deterrence, and
    Stability; Bureau of Arms Control, Verification and Compliance; Bureau of Conflict and Stabilization Operations;
    Bureau of Consular Affairs; Bureau of Counterterrorism; Bureau of Cyberspace and Digital Policy; Bureau of
    Democracy, Human Rights, and Labor; Bureau of Diplomatic Security; Bureau of East Asian and Pacific Affairs; Bureau
    of Economic and Business Affairs; Bureau of Educational and Cultural Affairs; Bureau of Energy Resources; Bureau of
    European and Eurasian Affairs; Bureau of Global Health Security and Diplomacy; Bureau of Global Public Affairs;
    Bureau of Intelligence and Research; Bureau of International Narcotics and Law Enforcement Affairs; Bureau of
    International Organization Affairs; Bureau of International Security and Nonproliferation; Bureau of Near Eastern
    Affairs; Bureau of Oceans and International Environmental and Scientific Affairs; Bureau of Political-Military
    Affairs; Bureau of Population, Refugees, and Migration; Bureau of South and Central Asian Affairs; Bureau of Western
    Hemisphere Affairs; Office of Global Criminal Justice; Office of Global Women’s Issues; Office of International
    Religious Freedom; Office of the Historian; Office of the Legal Adviser; Office of the Spokesperson; Office to
    Monitor and Combat Trafficking in Persons; Global Engagement Center
"""
_POSTS = """
    Secretary of State; Deputy Secretary of State; Acting Secretary of State; Under Secretary of State; Assistant
    Secretary of State; Department Spokesperson; Principal Deputy Spokesperson; Deputy Spokesperson; Senior Official;
    Senior Bureau Official; Special Envoy; Special Representative; Special Presidential Envoy; Ambassador;
    Ambassador-at-Large; Counselor; Chief of Staff; Director; Coordinator; U.S. Representative to the United Nations
"""
_OTHER_NAMES = """
    Antigua: Antigua and Barbuda; Bosnia: Bosnia and Herzegovina; Britain: United Kingdom; Brunei
    Darussalam: Brunei; Cape Verde: Cabo Verde; CAR: Central African Republic; Congo-Brazzaville: Republic of the Congo;
    Congo-Kinshasa: Democratic Republic of the Congo; Czech Republic: Czechia; DPRK: North Korea; DRC: Democratic
    Republic of the Congo; East Timor: Timor-Leste; England: United Kingdom; Great Britain: United Kingdom; Holland:
    Netherlands; Islamic Republic of Iran: Iran; Ivory Coast: Côte d’Ivoire; Kyrgyz Republic: Kyrgyzstan; Lao PDR: Laos;
    Macedonia: North Macedonia; Myanmar: Burma; Palestine: Palestinian Territories; People’s Republic of China: China;
    Persia: Iran; PRC: China; Republic of China: Taiwan; Republic of Korea: South Korea; ROK: South Korea; Russian
    Federation: Russia; Slovak Republic: Slovakia; Swaziland: Eswatini; Syrian Arab Republic: Syria; The Vatican: Holy
    See; Trinidad: Trinidad and Tobago; UAE: United Arab Emirates; UK: United Kingdom; Vatican: Holy See; Vatican City:
    Holy See; Viet Nam: Vietnam; West Bank: Palestinian Territories; Gaza: Palestinian Territories
"""


@dataclass(frozen=True, slots=True)
class Labels:
    """Distinct labels of statements: types, bylines, and the countries with which they are tagged."""

    types: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


def _entries(listed: str) -> tuple[str, ...]:
    return tuple(normalize.clean(entry) for entry in listed.split(";"))


DOCUMENT_TYPES: Final = _entries(_TYPES)
"""Types of documents as State spells them above a headline or in a list."""
COUNTRIES: Final = _entries(_COUNTRIES)
"""Names in the menu of countries."""
POSTS_AND_OFFICES: Final = (*_entries(_POSTS), *_entries(_OFFICES))
"""Posts and offices in bylines."""
OTHER_NAMES: Final = {
    scripts.name_key(other): normalize.clean(name)
    for other, _, name in (entry.partition(":") for entry in _entries(_OTHER_NAMES))
}
"""Names by which people call a country, as `scripts.name_key`, and the name by which State tags it."""
MENUS: Final = Labels(DOCUMENT_TYPES, POSTS_AND_OFFICES, COUNTRIES)
"""Labels that State's site is known to use."""
