"""The web page: ``mount.mount_page`` serves it, ``blocks.build_page`` says which event calls what.

What is shown is HTML from the templates in ``assets``; the modules beside them prepare the values that these take.
"""
