// Search of the static site: finds wordings in the index (see search_index.py), and shows where the words occur.
"use strict";

const MAX_WORD_CHARS = 64; // of a word in the index
const SHOWN = 20; // results at once
const LOADED = 60; // pages that are loaded for them, of which some may not have the phrase
const AT_ONCE = 6; // requests at the same time
const WORDS_BEFORE = 8, SNIPPET_WORDS = 30;
const GAP = "·"; // between two runs of characters that something separates

// Letters and digits of scripts without blanks between words: each is a word of its own.
const UNSPACED = "(?=[\\p{L}\\p{N}])[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Bopomofo}" +
  "\\p{Script=Yi}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Javanese}" +
  "\\p{Script=Tai_Tham}\\p{Script=Tai_Le}\\p{Script=New_Tai_Lue}\\p{Script=Tai_Viet}\\p{Script=Ahom}ー]";
const WORD = new RegExp(
  `(${UNSPACED}[\\p{M}\\p{Cf}\\uff9e\\uff9f]*)|(?:(?!${UNSPACED})[\\p{L}\\p{N}][\\p{M}\\p{Cf}]*)+`, "gu");
// Marks that their scripts leave out or add; those of other scripts spell a sound of their own.
const OPTIONAL = new RegExp(
  "(?![\\u3099\\u309a])(?=\\p{M})[\\p{Script=Inherited}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Hebrew}" +
  "\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Mongolian}]|\\u0640", "gu");
const INVISIBLE = /\p{Cf}/gu;

function fold(word) {
  const plain = word.replace(INVISIBLE, "").normalize("NFKC").toLowerCase();
  return plain.replace(/ß/g, "ss").replace(/ς/g, "σ").normalize("NFD").replace(OPTIONAL, "");
}

// The words of a text: their folded form, and where they are in the text.
function wordsOf(text) {
  const found = [];
  let end = -1;
  for (const match of text.matchAll(WORD)) {
    const key = fold(match[0]);
    if (!key) continue;
    const isUnspaced = match[1] !== undefined;
    if (isUnspaced && found.length && found[found.length - 1].isUnspaced && end !== match.index)
      found.push({ key: GAP, start: end, end, isUnspaced: false });
    end = match.index + match[0].length;
    found.push({ key, start: match.index, end, isUnspaced });
  }
  return found;
}

// Each word of a query and each quoted phrase, as a list of words.
function phrasesOf(query) {
  const parts = query.replace(/[“”„«»]/g, '"').split('"');
  const phrases = parts.flatMap((part, index) => index % 2 ? [part] : part.split(/\s+/));
  return phrases.map(wordsOf).filter((phrase) => phrase.some((word) => word.key !== GAP));
}

// What the index has of a phrase: words, and pairs of characters of scripts without blanks.
function keysOf(phrase) {
  const keys = new Set();
  phrase.forEach((word, at) => {
    if (word.key === GAP) return;
    const next = phrase[at + 1];
    const isPaired = word.isUnspaced && next && next.isUnspaced;
    if (isPaired) keys.add(cut(word.key + next.key));
    else if (!word.isUnspaced || !at || !phrase[at - 1].isUnspaced) keys.add(cut(word.key));
  });
  return [...keys];
}

function cut(key) {
  return [...key].slice(0, MAX_WORD_CHARS).join("");
}

function hash(word) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(word)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

// The places of a phrase in the words of a text: [first, behind the last].
function placesOf(words, phrase) {
  const found = [];
  for (let at = 0; at + phrase.length <= words.length; at++)
    if (phrase.every((word, offset) => words[at + offset].key === word.key)) {
      found.push([at, at + phrase.length]);
      at += phrase.length - 1;
    }
  return found;
}

class SearchError extends Error {}

async function load(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new SearchError("The index cannot be loaded. The search needs a web server: it does not work in files " +
      "that a browser opens from a disk.");
  }
  if (!response.ok) throw new SearchError("The index has changed or is missing. Reload this page.");
  return response;
}

async function unpack(path) {
  if (!("DecompressionStream" in globalThis))
    throw new SearchError("This browser is too old for the search; one of 2023 or later can do it.");
  const packed = (await load(path)).body.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

// The files of the index, each loaded once.
class Index {
  constructor(root, listing) {
    this.root = root;
    this.segments = listing.segments;
    this.block = listing.block;
    this.current = listing.current;
    this.files = new Map();
  }

  static async open(root) {
    return new Index(root, await (await load(`${root}search/index.json`, { cache: "no-cache" })).json());
  }

  file(path, read) {
    if (!this.files.has(path)) this.files.set(path, unpack(this.root + path).then(read));
    return this.files.get(path);
  }

  async shard(path) {
    return this.file(path, (bytes) => {
      const size = new DataView(bytes.buffer).getUint32(0);
      const [words, sizes] = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
      const places = new Map();
      let at = 4 + size;
      if (words) words.split(" ").forEach((word, number) => {
        places.set(word, [at, at + sizes[number]]);
        at += sizes[number];
      });
      return { bytes, places };
    });
  }

  // The numbers of the wordings of a segment that have a word.
  async wordings(segment, key) {
    const shard = await this.shard(segment.shards[hash(key) % segment.shards.length]);
    const [start, end] = shard.places.get(key) || [0, 0];
    const found = [];
    let number = -1, gap = 0, shift = 0;
    for (let at = start; at < end; at++) {
      gap += (shard.bytes[at] & 127) * 2 ** shift;
      shift += 7;
      if (shard.bytes[at] < 128) {
        number += gap;
        found.push(number);
        gap = shift = 0;
      }
    }
    return found;
  }

  // The numbers of the wordings of a segment that have all words.
  async matching(segment, keys) {
    const lists = await Promise.all(keys.map((key) => this.wordings(segment, key)));
    lists.sort((a, b) => a.length - b.length);
    return lists.reduce((found, list) => {
      const other = new Set(list);
      return found.filter((number) => other.has(number));
    });
  }

  async row(segment, number) {
    const rows = await this.file(segment.blocks[Math.floor(number / this.block)],
      (bytes) => JSON.parse(new TextDecoder().decode(bytes)));
    const [id, revision, day, title] = rows[number % this.block];
    return { id, revision, day, title };
  }
}

// Wordings of all segments that have the words, the newest first.
async function* newestFirst(index, lists) {
  const heads = await Promise.all(lists.map(async (list, at) => {
    const number = list.pop();
    return number === undefined ? null : index.row(index.segments[at], number);
  }));
  for (;;) {
    let best = -1;
    heads.forEach((row, at) => {
      if (row && (best < 0 || isNewer(row, heads[best]))) best = at;
    });
    if (best < 0) return;
    yield heads[best];
    const number = lists[best].pop();
    heads[best] = number === undefined ? null : await index.row(index.segments[best], number);
  }
}

function isNewer(a, b) {
  return a.day !== b.day ? a.day > b.day : a.id !== b.id ? a.id > b.id : a.revision > b.revision;
}

class Search {
  constructor(index, phrases, lists) {
    this.index = index;
    this.phrases = phrases;
    this.count = lists.reduce((sum, list) => sum + list.length, 0);
    this.wordings = newestFirst(index, lists);
    this.isExact = phrases.every((phrase) => phrase.length === 1);
    this.shown = new Set(); // ids of statements
    this.isDone = false;
  }

  static async start(root, query) {
    const phrases = phrasesOf(query);
    const keys = [...new Set(phrases.flatMap(keysOf))];
    const index = await Index.open(root);
    if (!keys.length) return null;
    return new Search(index, phrases, await Promise.all(index.segments.map((s) => index.matching(s, keys))));
  }

  // The next results; each is { row, path, snippet }, with a snippet of null if its page could not be loaded.
  async next() {
    const found = [];
    for (let loaded = 0; found.length < SHOWN && loaded < LOADED;) {
      const rows = [];
      while (rows.length < AT_ONCE) {
        const { value: row, done } = await this.wordings.next();
        if (done) {
          this.isDone = true;
          break;
        }
        if (!this.shown.has(row.id)) rows.push(row);
      }
      loaded += rows.length;
      for (const result of await Promise.all(rows.map((row) => this.look(row)))) {
        if (!result) continue;
        const before = found.findIndex((other) => other.row.id === result.row.id);
        if (!this.shown.has(result.row.id)) found.push(result);
        else if (before >= 0 && result.isCurrent) found[before] = result; // State went back to an earlier wording
        this.shown.add(result.row.id);
      }
      if (this.isDone) break;
    }
    return found;
  }

  async look(row) {
    const current = this.index.current[row.id] || 1;
    const path = `statements/${row.id}/` + (row.revision === current ? "" : `revisions/${row.revision}/`);
    const result = { row, path, isCurrent: row.revision === current, snippet: null };
    const text = await textOf(this.index.root + path);
    if (text === null) return this.isExact ? result : { ...result, isUnchecked: true };
    const inTitle = wordsOf(row.title), inText = wordsOf(text);
    const places = this.phrases.map((phrase) => [placesOf(inTitle, phrase), placesOf(inText, phrase)]);
    if (!this.isExact && !places.every(([a, b]) => a.length || b.length)) return null;
    result.snippet = snippet(text, inText, places.flatMap(([, b]) => b));
    return result;
  }
}

async function textOf(url) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    return null;
  }
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const article = page.querySelector("article");
  if (!article) return null;
  const paragraphs = [...article.querySelectorAll("p")];
  return (paragraphs.length ? paragraphs : [article]).map((part) => part.textContent).join("\n");
}

// The words around the first place: parts of the text, each with whether it is marked.
function snippet(text, words, places) {
  places.sort((a, b) => a[0] - b[0]);
  if (!places.length) return [];
  const first = Math.max(0, places[0][0] - WORDS_BEFORE);
  const stop = Math.min(words.length, first + SNIPPET_WORDS);
  const end = stop < words.length ? words[stop - 1].end : text.length;
  const parts = first ? [["… ", false]] : [];
  let at = first ? words[first].start : 0;
  for (const [begin, behind] of places) {
    if (behind > stop || words[begin].start < at) continue;
    parts.push([text.slice(at, words[begin].start), false]);
    at = words[behind - 1].end;
    parts.push([text.slice(words[begin].start, at), true]);
  }
  parts.push([text.slice(at, end), false]);
  if (stop < words.length) parts.push([" …", false]);
  return parts;
}

function element(name, text) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  return made;
}

// As the other pages show it: 6 August 2021.
function dayShown(day) {
  const form = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", form);
}

function shown(result, root) {
  const item = element("li"), link = element("a", result.row.title || "Without a title");
  link.href = root + result.path;
  const day = element("time", dayShown(result.row.day));
  day.dateTime = result.row.day;
  const about = element("p");
  about.append(day, result.isCurrent ? "" : `, in revision ${result.row.revision}, which State has replaced`,
    result.isUnchecked ? ", not checked: its page could not be loaded" : "");
  item.append(link, about);
  if (result.snippet && result.snippet.length) {
    const quoted = element("p");
    quoted.dir = "auto";
    for (const [text, isMarked] of result.snippet) quoted.append(isMarked ? element("mark", text) : text);
    item.append(quoted);
  }
  return item;
}

function summary(search) {
  const wordings = search.count === 1 ? "1 wording has" : `${search.count.toLocaleString("en")} wordings have`;
  if (!search.count) return "No wording has these words. Fewer words find more; a word is found only whole.";
  if (search.isExact) return `${wordings} these words; the newest first.`;
  if (search.isDone && !search.shown.size) return `${wordings} these words, but none has the quoted words together.`;
  return `${wordings} these words; below, the newest first, those that have the quoted words together.`;
}

async function show(page) {
  const { search, results, found, more } = page;
  more.hidden = true;
  const next = await search.next();
  results.append(...next.map((result) => shown(result, results.dataset.root)));
  found.textContent = summary(search);
  more.hidden = search.isDone;
  more.textContent = next.length ? "Show more" : "None in the newest 60; search further";
}

async function main() {
  const query = new URLSearchParams(location.search).get("q") || "";
  const input = document.getElementById("q"), results = document.getElementById("results");
  const found = document.getElementById("found"), more = document.getElementById("more");
  input.value = query;
  if (!query.trim()) return;
  const guarded = (work) => work().catch((error) => {
    found.textContent = error instanceof SearchError ? error.message : "The search failed. Reload this page.";
    if (!(error instanceof SearchError)) throw error;
  });
  await guarded(async () => {
    found.textContent = "Searching…";
    const search = await Search.start(results.dataset.root, query);
    if (!search) {
      found.textContent = "The query has no words.";
      return;
    }
    const page = { search, results, found, more };
    more.addEventListener("click", () => guarded(() => show(page)));
    await show(page);
  });
}

if (typeof document !== "undefined") main();
else module.exports = { Search, hash, keysOf, phrasesOf, summary, wordsOf }; // for tests
