"""Which company of Autotask is which account of Exact: pure rules over plain parties, without a ledger or a network.

``propose`` finds candidates, ``review`` says what became of the parties of existing links, ``decisions`` judges what a
person decided, ``csv`` writes proposals as a spreadsheet and reads it back.
"""
