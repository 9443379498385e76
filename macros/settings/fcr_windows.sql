{% macro fcr_windows() %}
    {%- set windows = var('fcr_windows_hours') -%}
    {%- set legal = 'fcr_windows_hours must be four different whole hours from 24 to 168, ascending, such as [24, 48, 72, 168]; it is ' ~ windows -%}
    {%- if windows is string or windows is mapping or windows is not iterable or windows | length != 4 -%}
        {{ exceptions.raise_compiler_error(legal) }}
    {%- endif -%}
    {%- for hours in windows -%}
        {%- if hours is not integer or hours is boolean or hours < 24 or hours > 168
            or (not loop.first and hours <= windows[loop.index0 - 1]) -%}
            {{ exceptions.raise_compiler_error(legal) }}
        {%- endif -%}
    {%- endfor -%}
    {{- return(windows) -}}
{% endmacro %}
