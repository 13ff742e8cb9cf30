"""Singer mapper from Autotask records to Exact documents and back."""
