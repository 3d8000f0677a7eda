"""Thresholds, weights and bounds of the matcher, each with its reason.

Those that weigh evidence were chosen on the tuned half of the real statements with
`python -m benchmarks.match_quality DATABASE --half tuned` and `python -m benchmarks.other_pages DATABASE --half tuned`;
the judged half was used once only: `POINTS_RENAMED` was added after two of its pages were seen.
"""

from __future__ import annotations

from datetime import timedelta

# Fingerprints: the words of a run, and the neighbours of which the smallest hash is kept. Half of all hashes are kept;
# a run of six words has one for certain.
SHINGLE_WORDS = 4
WINDOW_SHINGLES = 3
# A fingerprint of more statements than this is template text, and not worth the cost of reading its postings.
COMMON_STATEMENTS = 64

# A line of a page may be a title: bounds on its length, and the number of lines that are looked up.
TITLE_MIN_WORDS = 2
TITLE_LINE_WORDS = 60
MAX_TITLE_LINES = 300

# Candidates: the number of statements that are aligned for one passage, and of alignments for one page in all.
CANDIDATES = 8
MAX_ALIGNMENTS = 64
MAX_MATCHES = 24
# Candidates with less than this share of the best one's score are not for the same passage.
CANDIDATE_SHARE = 0.35
# A candidate has at least this score: the sum of 1 / statements over shared fingerprints, an eighth of the strength.
CANDIDATE_SCORE = 1.5
# Added to the score of a statement whose title is among the lines of the page.
TITLE_WEIGHT = 2.0
# Revisions of one statement that are compared with the page.
MAX_REVISIONS = 8
# A page with so many fingerprints of too many statements is of template text.
TEMPLATE_FINGERPRINTS = 8
# Changes of the best candidate by which others are looked for, and the others that are compared.
MAX_TWIN_CHANGES = 8
MAX_TWINS = 4
# Two statements explain a passage equally well when they differ by no more than this share of its words.
TIE_SHARE = 0.02

# Alignment: the words of a seed, the number of its repeats in a page that are examined, and bounds on the work.
SEED_WORDS = SHINGLE_WORDS  # one hash of a run serves both
SEED_REPEATS = 8
MAX_BLOCKS = 2_000
MAX_BLOCKS_BESIDE = 64
CHAIN_LOOKBACK = 128
# A shorter block within the page words of a block of this length is chance.
LONG_BLOCK_WORDS = 12
GAP_COST = 1.0
# Beyond such a gap, fewer words than MOVED_WORDS are chance.
FAR_GAP_WORDS = 24
MAX_GAP_PRODUCT = 250_000
# A gap of at most NEAR_GAP_WORDS belongs to one passage, whatever its words; a shorter run must be near a longer one.
NEAR_GAP_WORDS = 12
NEAR_RUN_WORDS = 3
# Any two texts share a quarter of their words in order; a gap that shares half is the same sentence changed.
SHARED_GAP_SHARE = 0.5
EDGE_WORDS = 120
# A second body on the page repeats this share of the first.
REPEATED_SHARE = 0.5
# Shorter runs out of order are chance.
MOVED_WORDS = 8

# Reading the gaps: a longer change is a cut; at most LONG_SENTENCE_WORDS of prose in the line of a passage count.
MAX_CHANGE_WORDS = 60
LONG_SENTENCE_WORDS = 40
# A sentence has at least so many words; fewer are a by-line, a caption or a call to read on.
SENTENCE_WORDS = 6
MAX_SENTENCE_WORDS = 100
# In the line of a statement, where sites add no text of their own, so many words up to a full stop are a sentence.
IN_LINE_WORDS = 8
# A sentence has at least this share of words without a capital; a title has fewer.
SHARE_SMALL = 1 / 3
# Sentences replace a statement's missing beginning or end if they have at least SHARE_SUPPLANTED of its words: fewer
# are a site's remark beside a teaser. A missing part below SHARE_EDGE of the statement is a note that was left out.
SHARE_SUPPLANTED = 0.2
SHARE_EDGE = 0.05
# Differences are explained with this many words around them, in parts of bounded length, up to a maximum number.
CONTEXT_WORDS = 25
MAX_CONTEXT_WORDS = 600
MAX_DIFFERENCES = 100

# Titles: the share of words that titles of one kind have in common, and bounds on the length of a title in a page.
TITLE_SHARE = 0.5
TITLE_WORDS = 3
TITLE_EXTRA_WORDS = 12
# The distance before a passage within which its title is searched for.
TITLE_REACH_WORDS = 120
TITLE_REACH_LINES = 12
# A title this many lines before a passage, with a date or a by-line below it, is that of the passage.
TITLE_NEAR_LINES = 2

# Enough to be a copy. `strength` is the number of words in the chain times the mean rarity (1 / statements) of their
# fingerprints: template text is weak however long it is.
STRENGTH_NAMED = 7.0  # the statement's own title is there, or a claim that names it
WORDS_BEYOND_TITLE = 6  # ... and this many words that are not the title's own: a title in a sidebar is no copy
WORDS_NAMED = 12  # ... and then this many words; of its beginning, even if they are template text
STRENGTH_LEAD = 12.0  # the statement's beginning, as a block of its own
STRENGTH_BLOCK = 20.0  # any part of it, as a block of its own or in quotation marks
STRENGTH_BARE = 45.0  # in the middle of other prose
RUN_WORDS = 12  # a copy of less than half of a statement has so many words in a row: stock phrases add up
COVERAGE_BARE = 0.65  # ... and then this much of the statement: officials read statements aloud
COVERAGE_WHOLE = 0.75  # this share of a statement is that statement, or another of its kind, wherever it stands
RARITY_FINGERPRINTS = 6  # of fewer sampled ones the mean would be chance; not tuned
SHORT_STATEMENT_WORDS = 12  # many texts share fewer words than this

# The opening of a statement is all up to the end of the sentence that has this word, headings included.
OPENING_WORDS = 8
# A statement with this share of its words in quotation marks is itself the quotation.
SHARE_ALL_QUOTED = 0.9
# A standing paragraph is at least so long; fewer words below it are a mark of the end.
STANDING_WORDS = 15
# The heading of a standing paragraph is at most so long.
HEADING_CHARS = 80

# An altered copy keeps this share of the statement, this faithfully; a page that keeps less is another text, unless
# it names the statement.
COVERAGE_ALTERED = 0.5
FIDELITY_ALTERED = 0.6
FIDELITY_ALTERED_NAMED = 0.5
# An altered part keeps fewer words, so that it must be more faithful, and named: State itself repeats sentences in
# slightly different words.
FIDELITY_PART = 0.85
# Shared wording that is worth reporting if there is no copy.
COVERAGE_SIBLING = 0.25

# Points for another text of the same kind (positive) and for this one (negative); SIBLING_POINTS or more make a
# sibling.
SIBLING_POINTS = 1.0
POINTS_EDITION = 2.0  # a year or an ordinal replaces another one
POINTS_NAME = 0.5  # so does a name, a date or a number
POINTS_RENAMED = 4.0  # another name replaces one of the statement's title, in the page's title and in its text
POINTS_PER_REWRITTEN = 10.0  # times the share of words in rewritten phrases or replaced sentences
POINTS_EXCHANGED = 1.5  # whole sentences between two passages differ: authors do so, copyists hardly ever
POINTS_SUPPLANTED = 1.5  # each for its beginning and its end: other prose replaces it, on a page that has its title
MAX_POINTS_REWRITTEN = 4.0
POINTS_SCATTERED = -2.0  # many single words changed, evenly: an editor went through this text
POINTS_TITLE_SAME = -0.5
POINTS_TITLE_EDITION = 8.0  # outweighs all that supports a copy: the next of a daily series is near in time
POINTS_LINE_EDITION = 1.5  # a line before the passage, which may be the title of a neighbour
POINTS_TITLE_NAME = 1.0
SHARE_TITLE_LINE = 0.5  # of that, if the title is a line before the passage
POINTS_CLAIM = -1.0
POINTS_DATE_BEFORE = 3.0  # the page is older than the statement
POINTS_DATE_NEAR = -2.0
POINTS_DATE_FAR = 3.0
# Copies appear within hours, the next call in a series after weeks; clocks, time zones and dates without a time
# explain two days in the other direction.
DATE_BEFORE = timedelta(days=2)
DATE_NEAR = timedelta(days=7)
DATE_FAR = timedelta(days=300)

# A change of more words than this is a rewritten phrase; changes of single words are scattered if there are this
# many of them, and few other changes.
SCATTERED_WORDS = 4
SCATTERED_CHANGES = 5
SCATTERED_SHARE = 0.8

# Characters of the texts in the cache of an index: with their words at most some 20 MB.
CACHED_CHARS = 600_000

# Quotations: a sentence has at least so many words, one in quotation marks fewer; a longer one is a text.
BARE_QUOTE_WORDS = 8
QUOTED_WORDS = 6
UNENDED_WORDS = 25  # of a line without an end: a headline has fewer
MAX_QUOTE_WORDS = 300
# An attribution between two parts of a quotation, or after it, is at most so long.
ATTRIBUTION_WORDS = 12
# The share of the unit's words in shared runs, below which it is not aligned: half of the runs are indexed.
MARKED_COVER = 0.25
BARE_COVER = 0.33
QUOTED_CANDIDATES = 3  # revisions that are aligned with a unit
EXACT_CANDIDATES = 16  # revisions that are searched for all of its words
QUOTE_SLACK_WORDS = 6  # words beside its place that are examined, or half of the unit's
QUOTE_RUNS = 16  # runs of a unit by which its place in a long text is found
QUOTE_REPEATS = 16  # places of one run that are examined
QUOTE_PLACES = 4  # places of the unit that are compared
WORD_PLACES = 4  # places of a word that are examined before a text is cut into words
# An alteration keeps so many words, this share of them, in few differences, and words that few statements have: the
# weight is the sum of 1 / statements over the shared runs.
ALTERED_WORDS = 6
ALTERED_SHARE = 0.75
WORDS_PER_ALTERATION = 12
ALTERED_WEIGHT = 2.0
SINGLE_WEIGHT = 0.25  # if one word replaces another one, and nothing else differs
SLOT_WORDS = 12  # if only names, offices or dates differ
REWORDED_WORDS = 10  # if more than one word gives way
REWORDED_SIZE = 3
# So many words of a sentence are replaced at its edge; with more, the reporter quotes a part of it: then so many words
# in a row, and words of its own statement.
REPLACED_WORDS = 2
PART_WORDS = 12
PART_EDGE_WORDS = 4
PART_WEIGHT = 3.0
# The revisions that are read for one page, to find its quotations and to count the statements with the same words: a
# page can have thousands of sentences that resemble statements.
MAX_QUOTE_TEXTS = 300
MAX_OTHER_TEXTS = 300
# Quotations at most this far from each other are one.
JOINED_CHARS = 120
