"""Companies of Autotask become accounts of Exact, and the other way round."""
