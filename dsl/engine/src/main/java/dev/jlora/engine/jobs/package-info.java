/**
 * Jobs before any weights are loaded. {@link dev.jlora.engine.jobs.ResolvedJob} resolves
 * architecture, labels and rows, {@link dev.jlora.engine.jobs.JobCheck} rejects invalid jobs,
 * {@link dev.jlora.engine.jobs.JobPlan} holds the result, and {@link dev.jlora.engine.jobs.Plan}
 * shows it to the user.
 */
@NullMarked
package dev.jlora.engine.jobs;

import org.jspecify.annotations.NullMarked;
