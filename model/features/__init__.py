"""Features of events, from the past only: [KG-LSTM], section 3.2.2, and inputs of [LSTM-CNN]."""
