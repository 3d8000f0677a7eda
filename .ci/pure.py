"""Print the pure modules, as `coverage report --include` takes them."""

PURE = """
alert_settings alerts/backoff alerts/excerpts alerts/facts alerts/headers alerts/letter alerts/policy alerts/replay
alerts/tellings alerts/timing alerts/words attribution attribution_forms charset copies daemon/choice daemon/metrics
daemon_settings diff events fields health identity keep_settings language lexicon model pulse rows schedule strict_yaml
text urls usual withdrawal worddiff
"""

if __name__ == "__main__":
    print(",".join(f"scraper/{module}.py" for module in PURE.split()))
