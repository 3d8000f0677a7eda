"""Writer of `scraper/parsers/data/cldr.json`: names of months, weekdays and countries in the languages of translations.

Run as `python .ci/write_cldr_names.py > scraper/parsers/data/cldr.json` with Babel installed. The package reads the
file and not Babel, so that another version of CLDR changes what is read only by a commit.
"""

import json
import sys
from collections.abc import Iterable

from babel import Locale, __version__
from babel.core import get_cldr_version

# The language of a page, and the locales of CLDR whose names it may use. Haitian Creole is not in CLDR.
LOCALES = {
    "am": "am", "ar": "ar ar_SY ar_IQ ar_LB ar_JO ar_MA ar_DZ ar_TN ar_MR", "az": "az", "bn": "bn bn_IN",
    "de": "de de_AT", "es": "es es_MX", "fa": "fa", "fr": "fr fr_CA", "ha": "ha", "he": "he", "hi": "hi", "hu": "hu",
    "hy": "hy", "id": "id", "it": "it", "ja": "ja", "ka": "ka", "kk": "kk", "km": "km", "ko": "ko", "ku": "ku ckb",
    "ky": "ky", "ms": "ms", "my": "my", "pl": "pl", "prs": "fa_AF fa", "ps": "ps ps_PK", "pt": "pt pt_PT", "ro": "ro",
    "ru": "ru", "so": "so", "sr": "sr sr_Latn", "sw": "sw sw_KE", "tg": "tg", "th": "th", "tr": "tr", "uk": "uk",
    "ur": "ur ur_IN", "uz": "uz uz_Cyrl", "vi": "vi", "zh": "zh zh_Hant",
}  # fmt: skip


def months(locales: Iterable[Locale]) -> list[list[str]]:
    """Return the names of the twelve months, wide and abbreviated, each list without repetition."""
    found: list[dict[str, None]] = [{} for _ in range(12)]
    for locale in locales:
        for names in locale.months.values():
            for width in ("wide", "abbreviated"):
                for number, name in names[width].items():
                    if not name.isdigit():
                        found[number - 1].setdefault(name.rstrip(".॰"))
    for name in {name for names in found for name in names}:
        numbers = [at for at, names in enumerate(found, 1) if name in names]
        if len(numbers) > 1:
            sys.stderr.write(f"{name} is left out, it is the name of the months {numbers}\n")
            for at in numbers:
                del found[at - 1][name]
    return [list(names) for names in found]


def weekdays(locales: Iterable[Locale]) -> list[str]:
    """Return the names of the weekdays, wide and abbreviated."""
    found: dict[str, None] = {}
    for locale in locales:
        for names in locale.days.values():
            for width in ("wide", "abbreviated"):
                found.update(dict.fromkeys(name.rstrip(".॰") for name in names[width].values()))
    return list(found)


def countries(locales: Iterable[Locale]) -> list[str]:
    """Return the names of countries and territories."""
    return list(
        dict.fromkeys(name for locale in locales for code, name in locale.territories.items() if code.isalpha())
    )


def main() -> None:
    """Print the file, a line for each list."""
    source = (
        f"CLDR {get_cldr_version()} by Babel {__version__}, Unicode License v3, https://www.unicode.org/license.txt"
    )
    lines = [f' "source": {json.dumps(source)}']
    for language, listed in LOCALES.items():
        locales = [Locale.parse(name) for name in listed.split()]
        lists = {"months": months(locales), "weekdays": weekdays(locales), "countries": countries(locales)}
        written = ",\n".join(f'  "{key}": {json.dumps(names, ensure_ascii=False)}' for key, names in lists.items())
        lines.append(f' "{language}": {{\n{written}\n }}')
    print("{", ",\n".join(lines), "}", sep="\n")


if __name__ == "__main__":
    main()
