-- Sessions of IVR and chatbots, whichever system logged them.
{{ union_of_sources('self_service_sessions', extract_name='ivr_sessions') }}
