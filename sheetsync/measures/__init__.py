"""What the follow-ups come to: kept and missed by week, the funnel, who answers and how soon. Pure numbers."""
