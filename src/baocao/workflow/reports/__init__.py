"""The province's report from its draft on: documents, freeze, issue, dispatch, correction, replay, cascade."""
