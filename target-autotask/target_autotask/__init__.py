"""Singer target for Autotask PSA that creates no row twice and checks what was kept."""
