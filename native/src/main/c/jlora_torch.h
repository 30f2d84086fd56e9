/*
 * The C functions that jlora calls in libtorch, declared in our own words.
 *
 * The classes of dev.jlora.ffi that call them are generated from this file:
 *
 *     mvn -N generate-sources -Pdowncalls
 *
 * A test of bindings/torch fails when they are out of date. What a header may hold is said in
 * dev.jlora.ffi.generator.Header. A comment right before a function becomes its Javadoc; the tags
 * behind its text, one "at" sign and a word each, say what C cannot:
 *
 *   class NAME       (a comment of its own) begins a Java class; what follows belongs to it
 *   library NAME     whose functions they are, torch, jemalloc or the C library; one that lacks
 *                    a function is refused when the class is first used
 *   object NAME      instead of library: an object of the class binds them, from Library.NAME
 *   prefix A B       what the Java names leave out; the first one that fits
 *   implements NAME  the interface that says what its methods are for
 *   optional         on a function: some versions or builds lack it, and Java asks hasName() first;
 *                    on a class: all of it is there or none is used, and Java asks available()
 *   name NAME        the name of the Java method, where it is not that in C
 *   critical         returns within nanoseconds, neither blocks nor calls Java: the call leaves the
 *                    thread in Java's state (Linker.Option.critical without heap access)
 *   address          Java wants the address alone, for C to call
 *   byhand           on an enum: Java has its values in a class that is not generated
 *
 * The file stands alone (standard headers only), so that jextract and a C compiler can read it.
 *
 * Rules that hold for all of libtorch's functions, unless a comment says otherwise:
 *   - int32_t returned: 0 for success, 1 for failure. No C++ exception gets through.
 *   - Tensors that go in are borrowed. A tensor that comes out through a pointer is a new handle,
 *     which the caller gives back to aoti_torch_delete_tensor_object.
 *   - Pointers are read during the call and not kept.
 *   - A null tensor is a crash, not an error. Where a tensor may be absent, a pointer to a handle
 *     is taken, and that pointer may be null.
 */
#ifndef JLORA_TORCH_H
#define JLORA_TORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A pointer to libtorch's tensor object. Java only passes it on, so here it is a number. */
typedef uintptr_t jlora_tensor;

/* A list or a string on its way into an operator. The call that it is given to frees it. */
typedef uintptr_t jlora_list;
typedef uintptr_t jlora_string;

/* A value of any type that travels through the dispatcher, in 64 bits. */
typedef uint64_t jlora_value;

/* Works on the indices from begin to end - 1. Runs on libtorch's threads and must not throw. */
typedef void (*jlora_range_function)(int64_t begin, int64_t end, void *context);

/* Frees the memory of a tensor. */
typedef void (*jlora_deleter)(void *data, void *context);

/* ---- The library and its dispatcher ---------------------------------------------------- */

/*
 * The core of libtorch's stable C ABI: the library itself, its dispatcher and the values that
 * travel through it. Functions that return int return 0 for success and 1 for failure; the text of
 * the failure is exceptionText from 2.13 on. Handles are long.
 *
 * @class LibTorch
 * @library torch
 * @prefix aoti_torch_ torch_
 */

/* major << 56 | minor << 48 | patch << 40 | tag; not a status. @critical */
uint64_t aoti_torch_abi_version(void);

/*
 * Text of this thread's last failure, without a stack; borrowed until the next one. Since 2.13.
 *
 * @optional
 * @name exceptionText
 */
const char *torch_exception_get_what_without_backtrace(void);

/* Threads that share the work inside one operator. @name threads */
int32_t torch_get_num_threads(uint32_t *result);

/* Calls work over parts of [begin, end), no smaller than grain, on libtorch's threads. */
int32_t torch_parallel_for(int64_t begin, int64_t end, int64_t grain, jlora_range_function work,
                           void *context);

/*
 * Whether this thread's operators are recorded by libtorch's own autograd; on at first.
 *
 * @critical
 * @name gradMode
 */
void aoti_torch_grad_mode_set_enabled(bool enabled);

/*
 * Runs the operator ("aten::linear", overload "" or what follows the dot). The stack holds all
 * arguments in the order of the schema, one 64-bit slot each, and afterwards the results from slot
 * 0. Tensors, lists and strings on the stack are consumed. version is aoti_torch_abi_version().
 */
int32_t torch_call_dispatcher(const char *operator_name, const char *overload_name,
                              jlora_value *stack, uint64_t version);

/* An empty list; consumed by the call it is given to. @name newList */
int32_t torch_new_list_reserve_size(size_t capacity, jlora_list *result);

/* Appends an encoded value. @name listAdd */
int32_t torch_list_push_back(jlora_list list, jlora_value element);

/* A string; consumed by the call it is given to. @name newString */
int32_t torch_new_string_handle(const char *bytes, size_t length, jlora_string *result);

/*
 * The cell that holds an optional value which is present. Since 2.13; before, malloc(8).
 *
 * @optional
 * @name newCell
 */
int32_t torch_new_stable_ivalue(jlora_value **result);

/* ---- Tensors --------------------------------------------------------------------------- */

/*
 * Tensors of libtorch's stable C ABI: made, freed, asked and written in place. A handle is a long;
 * what is returned is 0 for success, as in LibTorch.
 *
 * @class TensorHandles
 * @library torch
 * @prefix aoti_torch_get_ aoti_torch_ torch_
 */

/* Another handle on the same tensor. */
int32_t aoti_torch_new_tensor_handle(jlora_tensor tensor, jlora_tensor *result);

/*
 * A handle on no tensor: "none" for an argument that is declared as a tensor.
 *
 * @name newUndefinedTensor
 */
int32_t aoti_torch_new_uninitialized_tensor(jlora_tensor *result);

/*
 * Frees a handle. The memory goes with the last handle, view or result that shares it.
 *
 * @name deleteTensor
 */
int32_t aoti_torch_delete_tensor_object(jlora_tensor tensor);

/*
 * Uninitialized memory, 64-byte aligned on the CPU; strides in elements; dtype and device codes as
 * in dev.jlora.tensor.
 */
int32_t aoti_torch_empty_strided(int64_t rank, const int64_t *sizes, const int64_t *strides,
                                 int32_t dtype, int32_t device_type, int32_t device_index,
                                 jlora_tensor *result);

/*
 * A tensor over the caller's memory, which must outlive every view of it. data is not null.
 *
 * @name tensorFromBlob
 */
int32_t aoti_torch_create_tensor_from_blob(void *data, int64_t rank, const int64_t *sizes,
                                           const int64_t *strides, int64_t storage_offset,
                                           int32_t dtype, int32_t device_type,
                                           int32_t device_index, jlora_tensor *result);

/*
 * A tensor over memory that deleter(data, context) frees with the last view of it, on any thread.
 * layout is 0, metadata is null. Since 2.11. data is not null: it would be allocated instead.
 *
 * @optional
 * @name tensorFromOwnedBlob
 */
int32_t torch_from_blob(void *data, int64_t rank, const int64_t *sizes, const int64_t *strides,
                        int64_t storage_offset, int32_t dtype, int32_t device_type,
                        int32_t device_index, jlora_tensor *result, int32_t layout,
                        const uint8_t *metadata, int64_t metadata_size, jlora_deleter deleter,
                        void *context);

/*
 * A view of any shape. offset counts from the tensor's own start. Nothing is checked.
 *
 * @name reinterpret
 */
int32_t aoti_torch__reinterpret_tensor(jlora_tensor tensor, int64_t rank, const int64_t *sizes,
                                       const int64_t *strides, int64_t offset,
                                       jlora_tensor *result);

/* Writes one byte: 0 for a handle on no tensor. */
int32_t aoti_torch_is_defined(jlora_tensor tensor, bool *result);

/* Address of the first element, storage offset included. @name dataPointer */
int32_t aoti_torch_get_data_ptr(jlora_tensor tensor, void **result);

/* Number of dimensions. @name rank */
int32_t aoti_torch_get_dim(jlora_tensor tensor, int64_t *result);

/* The code of the dtype. */
int32_t aoti_torch_get_dtype(jlora_tensor tensor, int32_t *result);

/* The code of the device's kind: 0 is the CPU, 1 is CUDA. */
int32_t aoti_torch_get_device_type(jlora_tensor tensor, int32_t *result);

/* Index of the device among its kind. */
int32_t aoti_torch_get_device_index(jlora_tensor tensor, int32_t *result);

/* Pointer to the sizes in the tensor object, valid as long as that is. */
int32_t aoti_torch_get_sizes(jlora_tensor tensor, int64_t **result);

/* Pointer to the strides in the tensor object, in elements, valid as long as that is. */
int32_t aoti_torch_get_strides(jlora_tensor tensor, int64_t **result);

/* Copies in place, between any dtypes and devices. @name copy */
int32_t aoti_torch_copy_(jlora_tensor tensor, jlora_tensor source, int32_t non_blocking);

/* Fills with zeros in place. @name zero */
int32_t aoti_torch_zero_(jlora_tensor tensor);

/* Fills with a number in place. @name fill */
int32_t aoti_torch_aten_fill__Scalar(jlora_tensor tensor, double value);

/* Makes a leaf of libtorch's own autograd, or not. @name requiresGrad */
int32_t torch_set_requires_grad(jlora_tensor tensor, bool requires_grad);

/* ---- Kernels, without the dispatcher --------------------------------------------------- */

/*
 * The kernels of the CPU.
 *
 * @class CpuKernels
 * @library torch
 * @prefix aoti_torch_cpu_
 * @implements DeviceKernels
 */

/* a + alpha b, a new handle. @name add */
int32_t aoti_torch_cpu_add_Tensor(jlora_tensor a, jlora_tensor b, double alpha,
                                  jlora_tensor *result);

/* a + alpha b with a number b, a new handle. */
int32_t aoti_torch_cpu_add_Scalar(jlora_tensor a, double b, double alpha, jlora_tensor *result);

/* a b with a number b, a new handle. */
int32_t aoti_torch_cpu_mul_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* a to the power b, a new handle. @name powScalar */
int32_t aoti_torch_cpu_pow_Tensor_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* out = a b, matrices. @name mm */
int32_t aoti_torch_cpu_mm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = a b, batches of matrices. @name bmm */
int32_t aoti_torch_cpu_bmm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = beta c + alpha a b, matrices. @name addmm */
int32_t aoti_torch_cpu_addmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a, jlora_tensor b,
                                 double beta, double alpha);

/* out = beta c + alpha a b, batches of matrices. @name baddbmm */
int32_t aoti_torch_cpu_baddbmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a,
                                   jlora_tensor b, double beta, double alpha);

/*
 * oneDNN's y = f(x transpose(w) + bias), a new handle. The function f is named by attribute
 * ("none", "relu", "gelu", ...), its numbers are in scalars, algorithm says which gelu; bias and
 * algorithm may be null. Not in every build.
 *
 * @optional
 */
int32_t aoti_torch_cpu__linear_pointwise(jlora_tensor x, jlora_tensor w, jlora_tensor *bias,
                                         const char *attribute, const double **scalars,
                                         int64_t scalar_count, const char **algorithm,
                                         jlora_tensor *result);

/*
 * The kernels of CUDA; only libtorch_cuda.so has them.
 *
 * @class CudaKernels
 * @library torch
 * @prefix aoti_torch_cuda_
 * @implements DeviceKernels
 */

/* a + alpha b, a new handle. @name add */
int32_t aoti_torch_cuda_add_Tensor(jlora_tensor a, jlora_tensor b, double alpha,
                                   jlora_tensor *result);

/* a + alpha b with a number b, a new handle. */
int32_t aoti_torch_cuda_add_Scalar(jlora_tensor a, double b, double alpha, jlora_tensor *result);

/* a b with a number b, a new handle. */
int32_t aoti_torch_cuda_mul_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* a to the power b, a new handle. @name powScalar */
int32_t aoti_torch_cuda_pow_Tensor_Scalar(jlora_tensor a, double b, jlora_tensor *result);

/* out = a b, matrices. @name mm */
int32_t aoti_torch_cuda_mm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = a b, batches of matrices. @name bmm */
int32_t aoti_torch_cuda_bmm_out(jlora_tensor out, jlora_tensor a, jlora_tensor b);

/* out = beta c + alpha a b, matrices. @name addmm */
int32_t aoti_torch_cuda_addmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a, jlora_tensor b,
                                  double beta, double alpha);

/* out = beta c + alpha a b, batches of matrices. @name baddbmm */
int32_t aoti_torch_cuda_baddbmm_out(jlora_tensor out, jlora_tensor c, jlora_tensor a,
                                    jlora_tensor b, double beta, double alpha);

/* ---- Outside the stable ABI: each may be missing, and jlora has another way then ------- */

/*
 * C++ functions that libtorch happens to export. They are not part of its stable ABI: each is
 * optional, and whoever calls one has a fallback.
 *
 * @class LibTorchExtras
 * @library torch
 */

/* at::set_num_threads(int), for all threads; count is 1 or more. @optional @name setThreads */
void _ZN2at15set_num_threadsEi(int32_t count);

/*
 * c10::initLogging(): from then on TORCH_CPP_LOG_LEVEL counts.
 *
 * @optional
 * @name initLogging
 */
void _ZN3c1011initLoggingEv(void);

/*
 * at::detail::getDefaultCPUGenerator(): borrowed; its first 8 bytes point to the implementation.
 *
 * @optional
 * @name defaultGenerator
 */
void *_ZN2at6detail22getDefaultCPUGeneratorEv(void);

/*
 * at::CPUGeneratorImpl::set_current_seed(uint64_t), of such an implementation.
 *
 * @optional
 * @name setSeed
 */
void _ZN2at16CPUGeneratorImpl16set_current_seedEm(void *generator, uint64_t seed);

/*
 * c10::TensorImpl::mutable_grad(): the borrowed handle of a leaf's gradient.
 *
 * @optional
 * @name mutableGrad
 */
void *_ZN3c1010TensorImpl12mutable_gradEv(void *tensor_impl);

/* torch::cuda::device_count(); 0 without CUDA. @optional @name cudaDeviceCount */
size_t _ZN5torch4cuda12device_countEv(void);

/* torch::cuda::manual_seed_all(uint64_t); does nothing without CUDA. @optional @name cudaSeed */
void _ZN5torch4cuda15manual_seed_allEm(uint64_t seed);

/* at::globalContext(): settings of the whole process; borrowed. @optional @name globalContext */
void *_ZN2at13globalContextEv(void);

/*
 * at::Context::setAllowTF32CuBLAS(bool), of the global context: products of floats in TF32.
 *
 * @optional
 * @name allowTf32
 */
void _ZN2at7Context18setAllowTF32CuBLASEb(void *context, bool allowed);

/*
 * The BLAS that libtorch is linked to, through its C interface. Some builds hide it.
 *
 * @class CBlas
 * @library torch
 * @prefix cblas_
 */

/*
 * c = alpha op(a) op(b) + beta c, on the calling thread alone. layout 101 is row-major; transpose
 * 111 takes a matrix as it is, 112 its transpose.
 *
 * @optional
 */
void cblas_sgemm(int32_t layout, int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n,
                 int32_t k, float alpha, const float *a, int32_t lda, const float *b, int32_t ldb,
                 float beta, float *c, int32_t ldc);

/*
 * C++ functions that libtorch's own tiled kernels are made of and that it happens to export, on one
 * thread and on raw addresses.
 *
 * @class TileKernels
 * @library torch
 */

/*
 * at::native::cpublas::brgemm of float: c = a b or c += a b, row-major; sizes m, n, k before
 * strides.
 *
 * @optional
 * @name floats
 */
void _ZN2at6native7cpublas6brgemmEllllllbPKfS3_Pfb(int64_t m, int64_t n, int64_t k, int64_t lda,
                                                   int64_t ldb, int64_t ldc, bool add, uintptr_t a,
                                                   uintptr_t b, uintptr_t c, bool vnni);

/*
 * The same of BFloat16, whose b has pairs of rows interleaved (vnni) and whose sums are floats.
 *
 * @optional
 * @name bfloat16s
 */
void _ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb(int64_t m, int64_t n, int64_t k,
                                                                 int64_t lda, int64_t ldb,
                                                                 int64_t ldc, bool add, uintptr_t a,
                                                                 uintptr_t b, uintptr_t c,
                                                                 bool vnni);

/*
 * at::native::cpublas::brgemm_release, after the last product of a thread.
 *
 * @optional
 * @name release
 */
void _ZN2at6native7cpublas14brgemm_releaseEb(bool vnni);

/*
 * fbgemm::transpose_simd of float, and so of any four bytes each; strides in elements.
 *
 * @optional
 * @name transpose
 */
void _ZN6fbgemm14transpose_simdIfEEvllPKT_lPS1_l(int64_t rows, int64_t columns, uintptr_t from,
                                                 int64_t ld_from, uintptr_t to, int64_t ld_to);

/* ---- jemalloc, as LWJGL builds it ---------------------------------------------------------- */

/*
 * jemalloc, under the names that LWJGL's build gives its functions.
 *
 * @class Jemalloc
 * @library jemalloc
 * @prefix je_
 * @optional
 */

/* Uninitialized memory, or null. */
void *je_aligned_alloc(size_t alignment, size_t bytes);

/*
 * Frees it, on any thread. Java only passes the address on, as a jlora_deleter, which it is good
 * enough for.
 *
 * @address
 */
void je_free(void *data);

/* Asks jemalloc by name, such as "arenas.lookup" for whose an address is; 0 or an errno. */
int32_t je_mallctl(const char *name, void *old_value, size_t *old_bytes, void *new_value,
                   size_t new_bytes);

/* ---- The C library --------------------------------------------------------------------- */

/*
 * What jlora needs of the C library itself.
 *
 * @class LibC
 * @library libc
 */

/* Memory that libtorch frees: the cell of an optional value before 2.13. */
void *malloc(size_t bytes);

/* Sets an environment variable of this process as native code sees it; 0 for success. */
int32_t setenv(const char *name, const char *value, int32_t overwrite);

/* Writes a struct rusage of the process (who is 0); 0 for success. @optional */
int32_t getrusage(int32_t who, void *usage);

/* ---- Kernels of our own behind libtorch's operators ---------------------------------------- */

/* A set of kernels for one namespace and one dispatch key; never freed. */
typedef uintptr_t jlora_library;

/* A kernel: arguments in, from slot 0 results out. It owns what it finds and must not throw. */
typedef void (*jlora_kernel)(jlora_value *stack, uint64_t arguments, uint64_t results);

/*
 * Kernels of our own behind libtorch's operators, and what such a kernel needs to read its
 * arguments. What is returned is 0 for success.
 *
 * @class OperatorRegistry
 * @library torch
 * @prefix torch_
 */

/* A set of kernels for one namespace and one dispatch key. @name newLibrary */
int32_t aoti_torch_library_init_impl(const char *name_space, const char *key, const char *file,
                                     uint32_t line, jlora_library *result);

/* Puts a kernel behind an operator. @name implement */
int32_t torch_library_impl(jlora_library library, const char *name, jlora_kernel kernel,
                           uint64_t version);

/* Length of a list. */
int32_t torch_list_size(jlora_list list, size_t *result);

/* An encoded value of a list, the caller's from here on. @name listItem */
int32_t torch_list_get_item(jlora_list list, size_t index, jlora_value *result);

/* Frees a list, not what is in it. */
int32_t torch_delete_list(jlora_list list);

/* Frees the cell of an optional value. Since 2.13; free() before. @optional @name deleteCell */
int32_t torch_delete_stable_ivalue(uintptr_t cell);

/* ---- Fused attention of CUDA: results 4 and 5 are lengths, not tensors --------------------- */

/*
 * The fused attentions of CUDA that return integers among their tensors.
 *
 * @class CudaAttention
 * @library torch
 * @optional
 */

/* Flash attention. scale points to a number or is null. @name flash */
int32_t aoti_torch_cuda__scaled_dot_product_flash_attention(
    jlora_tensor q, jlora_tensor k, jlora_tensor v, double dropout, int32_t is_causal,
    int32_t return_debug_mask, const double *scale, jlora_tensor *out, jlora_tensor *logsumexp,
    jlora_tensor *cum_seq_q, jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k,
    jlora_tensor *state, jlora_tensor *unused, jlora_tensor *debug_mask);

/* cuDNN's attention. bias points to a handle or is null. @name cudnn */
int32_t aoti_torch_cuda__scaled_dot_product_cudnn_attention(
    jlora_tensor q, jlora_tensor k, jlora_tensor v, const jlora_tensor *bias,
    int32_t compute_logsumexp, double dropout, int32_t is_causal, int32_t return_debug_mask,
    const double *scale, jlora_tensor *out, jlora_tensor *logsumexp, jlora_tensor *cum_seq_q,
    jlora_tensor *cum_seq_k, int64_t *max_q, int64_t *max_k, jlora_tensor *seed,
    jlora_tensor *offset, jlora_tensor *debug_mask);

/* ---- Streams of a GPU, in builds with CUDA ------------------------------------------------- */

/* A cudaStream_t or a cudaEvent_t. Java only passes them on, so here they are numbers. */
typedef uintptr_t jlora_stream;
typedef uintptr_t jlora_event;

/* A guard of libtorch's, which gives back what was current before when it is deleted. */
typedef uintptr_t jlora_guard;

/*
 * Streams of a GPU as libtorch hands them out, the events that order them, and host memory that a
 * GPU reads by itself. A build without CUDA has none of it. What is returned is 0 for success.
 * Streams and events are long.
 *
 * @class LibTorchStreams
 * @library torch
 * @optional
 */

/*
 * Like aoti_torch_empty_strided on the CPU, in memory that a GPU can read by itself.
 *
 * @name emptyPinned
 */
int32_t aoti_torch_empty_strided_pinned(int64_t rank, const int64_t *sizes, const int64_t *strides,
                                        int32_t dtype, int32_t device_type, int32_t device_index,
                                        jlora_tensor *result);

/* The stream that this thread's operators are queued on; borrowed. @name current */
int32_t aoti_torch_get_current_cuda_stream(int32_t device, jlora_stream *result);

/* A stream of libtorch's own, never freed. @name fromPool */
int32_t torch_get_cuda_stream_from_pool(bool high_priority, int32_t device, jlora_stream *result);

/* Makes a stream the current one of this thread, as long as the guard lives. @name newGuard */
int32_t aoti_torch_create_cuda_stream_guard(jlora_stream stream, int32_t device,
                                            jlora_guard *result);

/* Gives back the stream that was current before. @name deleteGuard */
int32_t aoti_torch_delete_cuda_stream_guard(jlora_guard guard);

/* Waits on the host for all that was queued. @name synchronize */
int32_t torch_cuda_stream_synchronize(jlora_stream stream, int32_t device);

/* A new event of this thread's device; returns a cudaError_t. Flag 2: no times. @name newEvent */
int32_t cudaEventCreateWithFlags(jlora_event *result, uint32_t flags);

/* The event happens when all that is queued on the stream so far is done. @name record */
int32_t cudaEventRecord(jlora_event event, jlora_stream stream);

/*
 * What is queued on the stream from here on waits for the event; the host does not. flags is 0.
 *
 * @name await
 */
int32_t cudaStreamWaitEvent(jlora_stream stream, jlora_event event, uint32_t flags);

/* Frees an event. @name deleteEvent */
int32_t cudaEventDestroy(jlora_event event);

#ifdef __cplusplus
}
#endif

#endif
