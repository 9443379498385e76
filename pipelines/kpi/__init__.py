"""What readers ask of published KPIs: `ccw kpi`, and the page of their definitions."""
