"""The province's report: gate, consolidation, documents, signature, dispatch, correction, replay, cascade."""
