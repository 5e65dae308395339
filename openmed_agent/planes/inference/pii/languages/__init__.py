"""Detectors for languages other than English: one small file a language over shared machinery.

`registry` knows the codes and loads a language on first use; `data/` holds the lists that
scripts/build_language_names.py makes and the hand-kept words of each language.
"""
