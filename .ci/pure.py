"""Print the pure modules, as `coverage report --include` takes them."""

PURE = """
attribution attribution_forms charset copies diff events fields health identity language lexicon model schedule
strict_yaml text urls withdrawal worddiff
alerts/excerpts alerts/facts alerts/headers alerts/letter alerts/tellings alerts/words
"""

if __name__ == "__main__":
    print(",".join(f"scraper/{module}.py" for module in PURE.split()))
