-- Contact types, whichever system lists them.
{{ union_of_sources('contact_reasons') }}
