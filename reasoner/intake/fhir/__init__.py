"""FHIR R4 Bundles read into drafts of case files."""
