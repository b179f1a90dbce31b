//! One share of staff credentials, start to finish: the state machine from invitation to submitted.
