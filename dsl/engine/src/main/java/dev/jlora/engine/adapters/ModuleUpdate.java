package dev.jlora.engine.adapters;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The update of a module in an adapter made by combination or extraction.
 *
 * @param module its path
 * @param rank of the update
 * @param error Frobenius norm of its distance from the exact update, as a share of that one's norm
 */
public record ModuleUpdate(
    @JsonProperty("module") String module,
    @JsonProperty("rank") int rank,
    @JsonProperty("error") double error) {}
