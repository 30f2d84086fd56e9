package dev.jlora.engine.adapters;

import java.nio.file.Path;

/**
 * A merged model on disk.
 *
 * @param folder its folder
 * @param certificate what the merge changed, also in the folder's {@value MergeCertificate#FILE}
 */
public record MergedModel(Path folder, MergeCertificate certificate) {}
