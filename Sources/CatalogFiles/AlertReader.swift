import Catalog

extension AlertRule {
    /// `alert:` of a criterion.
    init?(yaml value: YAMLValue) {
        let fields = value.fields(["warning", "critical", "min_sample", "for", "keep_firing_for"])
        let warning = fields["warning"].flatMap(Self.threshold), critical = fields["critical"].flatMap(Self.threshold)
        guard let direction = (warning ?? critical)?.direction else {
            if fields["warning"] == nil, fields["critical"] == nil { value.fail("'alert' needs a 'warning' or a 'critical'") }
            return nil
        }
        if let warning, let critical {
            if warning.direction != critical.direction {
                fields["critical"]?.fail("'warning' says \(warning.direction.rawValue), 'critical' says \(critical.direction.rawValue): both must look the same way")
            } else if direction == .below ? warning.threshold.limit < critical.threshold.limit : critical.threshold.limit < warning.threshold.limit {
                fields["critical"]?.fail("'critical' must not be reached before 'warning'")
            }
        }
        self.init(
            direction: direction, warning: warning?.threshold, critical: critical?.threshold, minSample: Int64(fields["min_sample"]?.integer(in: 0...1_000_000_000) ?? 1),
            pendingFor: fields["for"]?.duration ?? .zero, keepFiringFor: fields["keep_firing_for"]?.duration ?? .zero)
    }

    private static func threshold(_ value: YAMLValue) -> (direction: Direction, threshold: Threshold)? {
        let fields = value.fields(["below", "above", "clear"])
        let direction: Direction
        switch (fields["below"], fields["above"]) {
        case (_?, nil): direction = .below
        case (nil, _?): direction = .above
        default:
            value.fail("a threshold has either 'below' or 'above'")
            return nil
        }
        guard let limit = fields[direction.rawValue]?.decimal else { return nil }
        guard let clearField = fields["clear"] else { return (direction, Threshold(limit: limit, clear: limit)) }
        guard let clear = clearField.decimal else { return nil }
        if direction == .below ? clear < limit : limit < clear {
            clearField.fail("'clear: \(clear)' is on the wrong side of '\(direction.rawValue): \(limit)': an incident would end while it is beyond its threshold")
        }
        return (direction, Threshold(limit: limit, clear: clear))
    }
}
