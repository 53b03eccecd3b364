"""Plugins: hook specifications, the manager that finds plugins, and the built-in ones.

A plugin is a module with functions marked by :data:`hookimpl`; ``docs/plugins.md``
shows a complete one.
"""

from .hookspecs import hookimpl

__all__ = ["hookimpl"]
