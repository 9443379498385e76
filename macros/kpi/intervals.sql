{% macro kpi_bound(side, numerator, denominator, sum_of_squares) -%}
    {%- set sign = '-' if side == 'lower' else '+' -%}
    case
        when catalog.interval_method = 'wilson'
            then {{ wilson_bound(numerator, denominator, side) }}
        when catalog.interval_method = 'normal'
            then
                catalog.scale
                * ({{ numerator }} / {{ denominator }} {{ sign }} {{ normal_margin(numerator, denominator, sum_of_squares) }})
    end
{%- endmacro %}


{% macro normal_margin(numerator, denominator, sum_of_squares) -%}
    {#- z times the standard error of the mean, from the sample's own variance; null for a sample of one. -#}
    1.959963984540054 * sqrt(
        greatest({{ sum_of_squares }} - {{ numerator }} * {{ numerator }} / {{ denominator }}, 0)
        / nullif({{ denominator }} - 1, 0) / {{ denominator }}
    )
{%- endmacro %}


{% macro wilson_bound(numerator, denominator, side) -%}
    {#- z of a two-sided 95 % interval -#}
    {%- set z = '1.959963984540054' -%}
    (
        {{ numerator }} / {{ denominator }} + {{ z }} * {{ z }} / (2 * {{ denominator }})
        {{ '-' if side == 'lower' else '+' }} {{ z }} * sqrt(
            ({{ numerator }} / {{ denominator }}) * (1 - {{ numerator }} / {{ denominator }}) / {{ denominator }}
            + {{ z }} * {{ z }} / (4 * {{ denominator }} * {{ denominator }})
        )
    ) / (1 + {{ z }} * {{ z }} / {{ denominator }})
{%- endmacro %}


{% macro as_shown(value, unit) -%}
    {#- To the digits with which the unit is shown: a share is a percentage with one decimal. -#}
    case {{ unit }}
        when 'share' then round({{ value }}, 3)
        when 'points' then round({{ value }}, 1)
        when 'score' then round({{ value }}, 2)
        when 'ratio' then round({{ value }}, 2)
        when 'money' then round({{ value }}, 2)
        else round({{ value }}, 0)
    end
{%- endmacro %}
