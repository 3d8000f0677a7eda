"""Every number that a decision of the matcher hangs on, each with its reason.

Those that weigh evidence were chosen on the tuned half of the real statements with
`python -m benchmarks.match_quality DATABASE --half tuned` and `python -m benchmarks.other_pages DATABASE --half tuned`;
the judged half was not used for it but once: `POINTS_RENAMED` came after two of its pages were seen.
"""

from __future__ import annotations

from datetime import timedelta

# Fingerprints: five words are rarely shared by chance; one in four keeps the index small.
SHINGLE_WORDS = 5
SAMPLE_ONE_IN = 4
# A fingerprint in more clusters than this is template text, and reading its postings costs more than it tells.
COMMON_CLUSTERS = 32

# A line of a page may be a title: its length, and how many lines are looked up.
TITLE_MIN_WORDS = 2
TITLE_LINE_WORDS = 60
MAX_TITLE_LINES = 300

# Candidates: how many statements are aligned for one passage, and in all for one page.
CANDIDATES = 8
MAX_ALIGNMENTS = 64
MAX_MATCHES = 24
# Candidates with less than this share of the best one's score are not for the same passage.
CANDIDATE_SHARE = 0.35
# A candidate has at least this score: the sum of 1 / clusters over shared fingerprints, an eighth of the strength.
CANDIDATE_SCORE = 1.5
# What a statement's title among the lines of a page adds to its score.
TITLE_WEIGHT = 2.0
# Revisions of one statement that are compared with the page.
MAX_REVISIONS = 8
# Two statements explain a passage equally well when they differ by no more than this share of its words.
TIE_SHARE = 0.02

# Alignment: the words of a seed, how many repeats of one in a page are looked at, and bounds on the work.
SEED_WORDS = 4
SEED_REPEATS = 8
MAX_BLOCKS = 2_000
MAX_BLOCKS_BESIDE = 64
CHAIN_LOOKBACK = 128
# A shorter block inside the page words of one this long is chance.
LONG_BLOCK_WORDS = 12
GAP_COST = 1.0
# Beyond such a gap fewer words than MOVED_WORDS are chance.
FAR_GAP_WORDS = 24
MAX_GAP_PRODUCT = 250_000
# A gap this short belongs to one passage, whatever stands in it; a shorter run must stand near a longer one.
NEAR_GAP_WORDS = 12
NEAR_RUN_WORDS = 3
# Any two texts share a quarter of their words in order; who shares half is the same sentence changed.
SHARED_GAP_SHARE = 0.5
EDGE_WORDS = 120
# A second body on the page repeats this much of what the first has.
REPEATED_SHARE = 0.5
# Shorter runs out of order are chance.
MOVED_WORDS = 8

# Reading the gaps: a change longer than this is a cut; of prose in the line of a passage so much is weighed.
MAX_CHANGE_WORDS = 60
LONG_SENTENCE_WORDS = 40
# A sentence has so many words; fewer are a by-line, a caption or a call to read on. Of a title's words, few are small.
SENTENCE_WORDS = 6
MAX_SENTENCE_WORDS = 100
# In the line of a statement, where sites put nothing of their own, so many words up to a full stop are a sentence.
IN_LINE_WORDS = 8
SHARE_SMALL = 1 / 3
# Sentences stand in the place of a statement's beginning or end that have so much of its words: fewer are a site's
# remark beside a teaser. Who leaves out less than so much of the statement has left out a note.
SHARE_SUPPLANTED = 0.2
SHARE_EDGE = 0.05
# Differences are explained with this many words around them, in pieces of bounded length, up to a bound.
CONTEXT_WORDS = 25
MAX_CONTEXT_WORDS = 600
MAX_DIFFERENCES = 100

# Titles: how much must be shared to be of one kind, and what is too long, or too short, to be a title in a page.
TITLE_SHARE = 0.5
TITLE_WORDS = 3
TITLE_EXTRA_WORDS = 12
# How far before a passage its title is looked for.
TITLE_REACH_WORDS = 120
TITLE_REACH_LINES = 12

# What is enough. `strength` is the number of words in the chain times the mean rarity (1 / clusters) of their
# fingerprints: template text is weak however long it is.
STRENGTH_NAMED = 7.0  # the statement's own title is there, or a claim that names it
WORDS_BEYOND_TITLE = 6  # ... and this many words that are not the title's own: a title in a sidebar carries nothing
WORDS_NAMED = 12  # ... and then this many words, of its very beginning even if they are template text
STRENGTH_LEAD = 12.0  # the statement's beginning, as a block of its own
STRENGTH_BLOCK = 20.0  # any part of it, as a block of its own or in quotation marks
STRENGTH_BARE = 45.0  # in the middle of other prose
COVERAGE_BARE = 0.65  # ... and then this much of the statement: officials read statements aloud
COVERAGE_WHOLE = 0.75  # so much of a statement is that statement, or another of its kind, wherever it stands
SHORT_STATEMENT_WORDS = 12  # fewer words than this are said by many

# An altered copy keeps this much of the statement, this faithfully; what keeps less is another text, unless named.
COVERAGE_ALTERED = 0.5
FIDELITY_ALTERED = 0.6
FIDELITY_ALTERED_NAMED = 0.5
# An altered part keeps fewer words, so that it must be the more faithful, and named: State itself says things again
# in slightly other words.
FIDELITY_PART = 0.85
# Shared wording worth telling of, where there is no copy.
COVERAGE_SIBLING = 0.25

# Points for another text of the same kind (positive) and for this one (negative); from SIBLING_POINTS on it is
# a sibling.
SIBLING_POINTS = 1.0
POINTS_EDITION = 2.0  # a year or an ordinal stands for another one
POINTS_NAME = 0.5  # so does a name, a date or a number
POINTS_RENAMED = 4.0  # what the statement's title is named for is another in the page's title and in its text
POINTS_PER_REWRITTEN = 10.0  # for the share of the words that stand in rewritten phrases or replaced sentences
POINTS_EXCHANGED = 1.5  # whole sentences between two passages are others: authors do so, copyists hardly ever
POINTS_SUPPLANTED = 1.5  # for its beginning and for its end: other prose stands there, on a page that has its title
MAX_POINTS_REWRITTEN = 4.0
POINTS_SCATTERED = -2.0  # many single words changed, evenly: somebody went through this very text
POINTS_TITLE_SAME = -0.5
POINTS_TITLE_EDITION = 3.0
POINTS_TITLE_NAME = 1.0
SHARE_TITLE_LINE = 0.5  # of these two, where it is a line before the passage: that may be a neighbour's title
POINTS_CLAIM = -1.0
POINTS_DATE_BEFORE = 3.0  # the page is older than the statement
POINTS_DATE_NEAR = -2.0
POINTS_DATE_FAR = 3.0
# Copies appear within hours, the next call in a series after weeks; clocks, time zones and days without a time
# explain two days the other way.
DATE_BEFORE = timedelta(days=2)
DATE_NEAR = timedelta(days=7)
DATE_FAR = timedelta(days=300)

# A change of more words than this is a rewritten phrase; single words changed are scattered when there are
# this many, and hardly anything else.
SCATTERED_WORDS = 4
SCATTERED_CHANGES = 5
SCATTERED_SHARE = 0.8

# Words of texts that an index keeps ready: some 20 MB.
CACHED_WORDS = 100_000
