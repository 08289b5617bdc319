import Catalog

extension AlertRule {
    /// `alert:` of a criterion.
    init?(yaml value: YAMLValue) {
        let fields = value.fields(["warning", "critical", "milestones", "early_warning", "min_sample", "for", "keep_firing_for"])
        if let list = fields["milestones"] {
            for name in ["warning", "critical"] { fields[name]?.fail("with 'milestones' there is no '\(name)': what is missed is critical, and 'early_warning: line' warns") }
            self.init(milestones: list, fields)
            return
        }
        fields["early_warning"]?.fail("'early_warning' goes with 'milestones'")
        let warning = fields["warning"].flatMap(Self.threshold), critical = fields["critical"].flatMap(Self.threshold)
        guard let direction = (warning ?? critical)?.direction else {
            if fields["warning"] == nil, fields["critical"] == nil { value.fail("'alert' needs a 'warning', a 'critical' or 'milestones'") }
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

    /// `milestones:` of an alert. Their order is that of their days in any year.
    private init?(milestones list: YAMLValue, _ fields: YAMLValue.Fields) {
        enum Line: String, CaseIterable { case line }
        var milestones: [Milestones.Milestone] = [], direction: Direction?
        for value in list.list {
            let fields = value.fields(["by", "of", "at_least", "at_most"])
            let by = fields.required("by")?.dayOfYear(isOfNextYear: fields["of"]?.isNext ?? false)
            let own: Direction
            switch (fields["at_least"], fields["at_most"]) {
            case (_?, nil): own = .below
            case (nil, _?): own = .above
            default:
                value.fail("a milestone has either 'at_least' or 'at_most'")
                continue
            }
            guard let by, let level = (fields["at_least"] ?? fields["at_most"])?.decimal else { continue }
            if direction ?? own != own { value.fail("all milestones must look the same way: either 'at_least' or 'at_most'") }
            direction = own
            if let last = milestones.last, by.day(in: 2000) <= last.by.day(in: 2000) { value.fail("milestones stand in the order of their days: this one is not after the one before it") }
            milestones.append(.init(by: by, level: level))
        }
        if list.isEmptyList { list.fail("'milestones' is empty: nothing would ever be asked") }
        let line = fields["early_warning"].map { $0.one(of: Line.self) }
        guard let direction, line != .some(nil) else { return nil }
        if line != nil, milestones.count < 2 { fields["early_warning"]?.fail("a line needs two milestones: from one to the next") }
        self.init(
            direction: direction, warning: nil, critical: nil, minSample: Int64(fields["min_sample"]?.integer(in: 0...1_000_000_000) ?? 1), pendingFor: fields["for"]?.duration ?? .zero,
            keepFiringFor: fields["keep_firing_for"]?.duration ?? .zero, milestones: Milestones(milestones, hasLine: line != nil))
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
