"""Pure functions on strings: normal forms, words, differences, languages and damage from wrong character sets."""
