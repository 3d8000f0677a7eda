"""Pages to read: one table of routes, served by Datasette (`statewire web`) or written as files (`statewire site`).

A page is a function from a `PageRequest` to a `Response`; it only reads the database, and only what is public.
"""
