/// Deriving every score again from the register, as a new catalog will need it.
struct Rederive {
    let plan: Plan

    func measure(into figures: Figures) {
        guard plan.wants(.rederive) else { return }
        figures.begin("Deriving everything again from the register")
        // To be measured here, in a process of its own (as `Memory` fills an engine), once the engine can do it.
        figures.add("seconds for ten million dossiers", "s", missing: "this version of the engine cannot do it yet")
    }
}
