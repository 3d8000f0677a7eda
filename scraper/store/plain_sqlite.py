"""`sqlite_utils.Database`, loaded without numpy and pandas.

sqlite-utils imports them wherever they are installed, to store their numbers, which we have none of. With the extra
`sweep` they are, and every command would start some 60 ms later.
"""

import sys

_UNUSED = [name for name in ("numpy", "pandas") if name not in sys.modules]
sys.modules.update(dict.fromkeys(_UNUSED))  # type: ignore[arg-type]  # None is a module that cannot be imported
try:
    from sqlite_utils import Database
finally:
    for _name in _UNUSED:
        del sys.modules[_name]

__all__ = ["Database"]
