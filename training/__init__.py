"""How the models that answer are made: questions of people with the passages that answer them, and what learns from them.

    documents → passages ┐
    questions ───────────┴→ embedding → hard negatives → ranker → calibration → the files that the product reads

Nothing here runs in the product; it needs ``pip install 'zhengce[train]'``. ``make train`` runs all of it.
"""
