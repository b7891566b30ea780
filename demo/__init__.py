"""The demo company: an invented Italian workshop and its ledger, relative to today.

Nothing here is loaded with the module: `ledger.build(env)` is called by `dev`, by hand or by tests.
"""
