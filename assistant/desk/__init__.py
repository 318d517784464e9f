"""What staff and enterprises do with a policy besides asking: six tools on the same sources, each without a language model.

check     a draft, sentence by sentence, against the sources
find      every unit that mentions a term, and those that mean it without the word
targets   every quantified target and dated commitment, as a ledger
diff      two editions of a policy, unit by unit
evidence  which reports bear on which tasks
match     what a policy holds for an enterprise that describes itself

Each returns a pydantic model whose citations are those of an answer; the doors print, serve and show these models.
"""
