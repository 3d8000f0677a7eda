"""statewire: a monitor of official statements, of every wording they had and of every copy of them."""

__version__ = "0.1.0"
