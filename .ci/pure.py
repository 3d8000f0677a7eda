"""Print the pure modules, as `coverage report --include` takes them."""

PURE = """
alerts/backoff attribution attribution_forms charset copies diff events fields health identity language lexicon model
schedule strict_yaml text urls withdrawal worddiff
"""

if __name__ == "__main__":
    print(",".join(f"scraper/{module}.py" for module in PURE.split()))
