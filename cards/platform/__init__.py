"""The card templates an administrator puts into DingTalk's card platform, which has no API for that.

`templates.py` describes them once; `python -m cards.platform` writes from it the files to import (`exports/`) and the
recipe for building them by hand (`recipe.zh-CN.md`).
"""
