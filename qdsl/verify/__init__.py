"""An independent reference solver and certificates; shares no numerics with any method."""

