"""pytest plugin for several workers: the files that take minutes come first.

pytest-xdist gives files away in the order of their number of tests; those that install modules or
live through months in one test would come last, and one worker would wait for the other."""

LONGEST = (
    "test_concurrency.py",
    "test_install.py",
    "test_attack.py",
    "test_agreement_portfolio.py",
    "test_with_stock.py",
    "test_tours.py",
    "test_credit_preview.py",
)


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
